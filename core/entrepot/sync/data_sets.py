"""Data sets of orders that a channel refuses: the orders are read without them, told, and read once more with them.

What is refused is kept with the account. From time to time all of it is asked for again; what is refused then is left
out again, step by step, as the connector knows best.
"""

from collections.abc import Sequence
from datetime import timedelta

from attrs import evolve

from entrepot.errors import ChannelError, DataRefused, ForbiddenError
from entrepot.model import ProblemKind, Severity, Window
from entrepot.store.records import StreamKind, Withheld
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.runtime import Outcome, Turn

PROBE_EVERY = timedelta(hours=6)


def to_leave_out(turn: Turn) -> tuple[str, ...]:
    """Of the next request. The first one of a pass asks for everything again when that is due."""
    withheld, begins = turn.account.withheld, turn.stream.kind is StreamKind.ORDERS and turn.stream.window is None
    if not begins or withheld.probe_at is None or turn.now < withheld.probe_at:
        return withheld.asked_without
    probing = evolve(withheld, asked_without=(), probe_at=turn.now + turn.runtime.pace.scaled(PROBE_EVERY))
    turn.tx.accounts.withhold(turn.stream.account, probing)
    return ()


def narrows(outcome: Outcome, error: ChannelError) -> bool:
    """Does the refusal leave something else to ask for than what was asked for?"""
    return isinstance(error, DataRefused) and set(error.without) > set(outcome.account.withheld.asked_without)


def note_refused(outcome: Outcome, error: ChannelError) -> None:
    """Leave out what is refused; where nothing is left to leave out, the data sets were not the reason."""
    withheld = outcome.account.withheld
    if isinstance(error, DataRefused) and narrows(outcome, error):
        due = withheld.probe_at or outcome.now + outcome.runtime.pace.scaled(PROBE_EVERY)
        _save(outcome, evolve(withheld, asked_without=error.without, probe_at=due, why=str(error)))
    elif isinstance(error, ForbiddenError) and withheld.asked_without != withheld.missing:
        _save(outcome, evolve(withheld, asked_without=withheld.missing) if withheld.missing else Withheld())


def note_read(outcome: Outcome, left_out: Sequence[str], window: Window) -> None:
    """A page of the window was read without these. What has come back is read again from where it was first missing.

    Only the pass over what is new judges that: a repair may still run with what an earlier refusal said.
    """
    withheld, without = outcome.account.withheld, tuple(left_out)
    if outcome.stream.kind is not StreamKind.ORDERS:
        without = tuple(dict.fromkeys((*withheld.missing, *without)))
    since = min(withheld.since or window.start, window.start) if without else None
    now_known = evolve(withheld, missing=without, since=since)
    if now_known == withheld:
        return
    if withheld.since is not None and set(withheld.missing) - set(without):
        outcome.tx.streams.read_again(outcome.stream.account, withheld.since, window.end, outcome.now)
    if without:
        _tell(outcome, now_known)
    else:
        now_known = Withheld()
        _close(outcome)
    _save(outcome, now_known)


def _save(outcome: Outcome, withheld: Withheld) -> None:
    outcome.tx.accounts.withhold(outcome.stream.account, withheld)


def _tell(outcome: Outcome, withheld: Withheld) -> None:
    account = outcome.stream.account
    open_problem(
        outcome.tx,
        ProblemKind.DATA_WITHHELD,
        account,
        f"account/{account}",
        f"orders of {account} are read without {', '.join(withheld.missing)}: {withheld.why}",
        "grant the permission on the channel; it is asked for every six hours, and then read for these orders too",
        outcome.now,
        Severity.WARNING,
    )


def _close(outcome: Outcome) -> None:
    account = outcome.stream.account
    close_problem(outcome.tx, ProblemKind.DATA_WITHHELD, account, f"account/{account}", outcome.now)
