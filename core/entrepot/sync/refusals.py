"""Records that could not be mapped: kept as dead letters, told as problems, mapped again on request."""

from datetime import datetime

from entrepot.channel import ChannelType
from entrepot.model import AccountId, ProblemKind
from entrepot.store import Tx
from entrepot.store.records import DeadLetter
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.records import Mapped


def refuse(tx: Tx, channel: ChannelType, account: AccountId, kind: str, record: Mapped, now: datetime) -> None:
    """Keep a record that its mapper refused; the rest of the page goes on."""
    tx.orders.save_dead_letter(DeadLetter(account, kind, record.content_hash, record.reason, record.body), now)
    open_problem(
        tx,
        ProblemKind.RECORD_REFUSED,
        account,
        f"{kind}/{record.content_hash}",
        f"a record could not be read as {kind}: {record.reason}",
        f"mend or update the plugin of {channel.id}, then: entrepot problems retry",
        now,
    )


def bury(tx: Tx, letter: DeadLetter, now: datetime) -> None:
    """The record was taken in, or its subject is read anew anyway."""
    tx.orders.bury(letter)
    subject = f"{letter.kind}/{letter.content_hash}"
    close_problem(tx, ProblemKind.RECORD_REFUSED, letter.account, subject, now)
