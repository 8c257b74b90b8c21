"""Orders that come late though nothing fails: too many of them, or too few calls allowed."""

from datetime import timedelta

from entrepot.channel import Reads
from entrepot.model import ProblemKind, Severity
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.runtime import Turn

SHORTEST = timedelta(minutes=30)
PASSES = 4
"""A pass may take as long as so many pauses between two of them."""


def tell_late(turn: Turn, facts: Reads) -> None:
    """Judge an account's orders by the pass that is under way, each time its stream is claimed.

    The first pass, which reads the history, is late as well once it takes that long: new orders wait behind it.
    """
    late, account = _late(turn, facts), turn.stream.account
    window, read_until = turn.stream.window, turn.stream.watermark
    subject = f"account/{account}"
    if window is not None and turn.channel_now - window.end > late:
        open_problem(
            turn.tx,
            ProblemKind.ORDERS_LATE,
            account,
            subject,
            f"{account}: what changed after {read_until or window.start:%Y-%m-%d %H:%M} UTC is not read to its end yet",
            "nothing is lost, it is read on; entrepot status says what fails, entrepot quota what the limits leave",
            turn.now,
            Severity.WARNING,
        )
    elif read_until is not None and turn.channel_now - read_until <= late:
        close_problem(turn.tx, ProblemKind.ORDERS_LATE, account, subject, turn.now)


def _late(turn: Turn, facts: Reads) -> timedelta:
    pace = turn.runtime.pace
    return pace.scaled(max(SHORTEST, PASSES * pace.freshness) + facts.settle_lag)
