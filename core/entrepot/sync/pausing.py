"""A person stops an account, and lets it go on: stored, so that every daemon obeys."""

from datetime import datetime

from entrepot.model import AccountId, ProblemKind, Severity
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem


def pause(tx: Tx, account: AccountId, now: datetime) -> bool:
    """No call is begun for it from this commit on; what runs ends. False where it was paused already."""
    if not tx.accounts.pause(account, now):
        return False
    open_problem(
        tx,
        ProblemKind.ACCOUNT_PAUSED,
        account,
        f"account/{account}",
        f"{account} is paused: no order of it is read, and no quantity sent",
        f"entrepot accounts resume {account}",
        now,
        Severity.WARNING,
    )
    return True


def resume(tx: Tx, account: AccountId, now: datetime) -> bool:
    """It goes on from the stored cursors. False where it was not paused."""
    if not tx.accounts.end_pause(account):
        return False
    close_problem(tx, ProblemKind.ACCOUNT_PAUSED, account, f"account/{account}", now)
    return True
