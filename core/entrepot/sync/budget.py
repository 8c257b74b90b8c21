"""The GET requests of a month beside the number that plugins.toml allows: told in time, and sweeps wait at the end.

It is a budget and no wall: quantities, what was sent and is read back, and new orders go on, for an oversold article
costs more than a request.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from entrepot.model import ProblemKind, Severity
from entrepot.quota import Priority
from entrepot.store import Tx
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.runtime import Plan, Runtime, Turn

NEAR = 0.8
"""Of the number: then it is told."""

RUNNING_OUT, USED_UP = "budget/running_out", "budget/used_up"

LOOK_AGAIN = timedelta(minutes=5)
"""Something urgent may be due for the same stream before the month ends."""


def withheld_until(turn: Turn, plan: Plan) -> datetime | None:
    """When to look again at a call that the budget does not allow now; None where it does. Tells how it stands."""
    allowed = turn.runtime.monthly_gets
    if allowed is None:
        return None
    used = used_gets(turn.tx, turn.runtime, turn.worker.accounts.values(), turn.now)
    _tell(turn, used, allowed)
    if used < allowed or plan.priority < Priority.SWEEP:
        return None
    return min(turn.runtime.timetable.next_month(turn.now), turn.now + LOOK_AGAIN)


def used_gets(tx: Tx, runtime: Runtime, runtimes: Iterable[Runtime], now: datetime) -> int:
    """By all accounts of the application, in our own month."""
    application = runtime.spender.application
    accounts = [one.id for one in runtimes if one.spender.application == application]
    return tx.quota.gets(accounts, runtime.timetable.today(now))


def forget_budget(tx: Tx, runtime: Runtime, now: datetime) -> None:
    """Nothing runs out where plugins.toml sets no number any more."""
    if runtime.monthly_gets is None:
        _close_others(tx, runtime, "", now)


def _tell(turn: Turn, used: int, allowed: int) -> None:
    """Twice: a second problem is a second alert."""
    spent, near = used >= allowed, used >= NEAR * allowed
    subject = USED_UP if spent else RUNNING_OUT if near else ""
    _close_others(turn.tx, turn.runtime, subject, turn.now)
    if not subject:
        return
    account, month = turn.runtime.id, f"{turn.runtime.timetable.today(turn.now):%Y-%m}"
    then = "; sweeps wait until the month ends, quantities and new orders go on" if spent else ""
    open_problem(
        turn.tx,
        ProblemKind.CALLS_RUN_OUT,
        account,
        subject,
        f"{account} has used {'all' if spent else f'{NEAR:.0%}'} of its {allowed} GET requests of {month}{then}",
        "see what uses them: entrepot quota; or raise monthly_gets in plugins.toml, then: entrepot reload",
        turn.now,
        Severity.ERROR if spent else Severity.WARNING,
    )


def _close_others(tx: Tx, runtime: Runtime, subject: str, now: datetime) -> None:
    for other in (RUNNING_OUT, USED_UP):
        if other != subject:
            close_problem(tx, ProblemKind.CALLS_RUN_OUT, runtime.id, other, now)
