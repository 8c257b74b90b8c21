"""What a failed call does to its stream and its account. A failure makes work late; it never switches it off."""

from datetime import timedelta

from attrs import evolve

from entrepot.errors import AuthError, ChannelError, CursorExpired, ForbiddenError, RateLimited
from entrepot.model import EventName, ProblemKind, Severity
from entrepot.runtime import Rng
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.announce import announce, close_problem, open_problem
from entrepot.sync.pace import FAILING_AFTER
from entrepot.sync.runtime import Outcome
from entrepot.sync.windows import is_smallest

SKEW_TOLD = 30.0
SKEW_PARKS = 300.0

LOOK = "it is tried on; if the channel is well, look at the message"
CURSORS_TOO_SHORT = "it is tried on; tell the channel that its cursors expire before a minute's orders are read"


def after_failure(outcome: Outcome, operation: str, error: ChannelError, rng: Rng) -> StreamRow:
    """The stream as it waits for its next try."""
    if isinstance(error, RateLimited):
        return evolve(outcome.stream, next_due=outcome.now + _throttled(outcome, operation, error, rng))
    failed = evolve(
        outcome.stream,
        failures=outcome.stream.failures + 1,
        failing_since=outcome.stream.failing_since or outcome.now,
        last_error=str(error),
    )
    if isinstance(error, AuthError):
        return _park(outcome, failed, error)
    if isinstance(error, ForbiddenError):
        _tell_forbidden(outcome, operation, error)
    expired = isinstance(error, CursorExpired)
    if failed.failures == FAILING_AFTER:
        _tell_failing(outcome, failed, operation, CURSORS_TOO_SHORT if expired else LOOK)
    if expired and failed.window is not None and not is_smallest(failed):
        return evolve(failed, next_due=outcome.now)  # half the span may fit, and can be halved only so often
    pause = outcome.runtime.pace.after_failure(failed.failures, _period(outcome, operation), rng)
    return evolve(failed, next_due=outcome.now + pause)


def after_success(outcome: Outcome, stream: StreamRow, operation: str) -> StreamRow:
    """Forget the failures, and tell that they are over.

    Not before the end of the smallest part: where cursors expire at once, each first page is a success.
    """
    close_problem(outcome.tx, ProblemKind.PERMISSION_MISSING, stream.account, f"operation/{operation}", outcome.now)
    if stream.failures == 0 or stream.failing_since is None or is_smallest(stream):
        return stream
    subject = f"stream/{stream.kind}"
    close_problem(outcome.tx, ProblemKind.STREAM_FAILING, stream.account, subject, outcome.now)
    if stream.failures >= FAILING_AFTER:
        announce(
            outcome.tx,
            EventName.STREAM_HEALTH_CHANGED,
            stream.account,
            subject,
            stream.epoch,
            outcome.now,
            healthy=True,
        )
    return evolve(stream, failures=0, failing_since=None, last_error=None)


def note_clock(outcome: Outcome) -> bool:
    """Keep the measured offset of the channel's clock. True where it is too far off for windows to mean anything."""
    measured = outcome.runtime.http.offset
    if measured is None:
        return abs(outcome.account.clock_offset) > SKEW_PARKS
    seconds = measured.total_seconds()
    account = outcome.stream.account
    if abs(seconds - outcome.account.clock_offset) >= 1:
        outcome.tx.accounts.set_clock_offset(account, seconds)
    if abs(seconds) > SKEW_TOLD:
        open_problem(
            outcome.tx,
            ProblemKind.CLOCK_SKEWED,
            account,
            f"account/{account}",
            f"this machine's clock and that of {account} are {abs(seconds):.0f} s apart",
            "synchronize this machine's clock (NTP)",
            outcome.now,
            Severity.WARNING if abs(seconds) <= SKEW_PARKS else Severity.ERROR,
        )
    else:
        close_problem(outcome.tx, ProblemKind.CLOCK_SKEWED, account, f"account/{account}", outcome.now)
    return abs(seconds) > SKEW_PARKS


def _throttled(outcome: Outcome, operation: str, error: RateLimited, rng: Rng) -> timedelta:
    """A 429 alone never fails anything: wait a little longer than the operation's own period."""
    told = error.retry_after or timedelta(0)
    return max(told, _period(outcome, operation) * rng.uniform(1.0, 1.5))


def _period(outcome: Outcome, operation: str) -> timedelta:
    facts = outcome.runtime.channel.operations.get(operation)
    limits = [outcome.runtime.channel.limits[name] for name in facts.spends] if facts else []
    return outcome.runtime.pace.scaled(max((limit.period for limit in limits), default=timedelta(0)))


def _park(outcome: Outcome, stream: StreamRow, error: AuthError) -> StreamRow:
    account = stream.account
    if outcome.tx.accounts.park(account, outcome.now):
        open_problem(
            outcome.tx,
            ProblemKind.ACCOUNT_PARKED,
            account,
            f"account/{account}",
            f"{account} refuses our credentials: {error}",
            "renew them in plugins.toml, then: entrepot reload; the account is checked on and resumes where it stopped",
            outcome.now,
        )
    if stream.kind is not StreamKind.HEALTH:
        outcome.tx.streams.wake(account, StreamKind.HEALTH, outcome.now + outcome.runtime.pace.after_refusal(1))
        return evolve(stream, next_due=outcome.now)  # due as soon as the account resumes
    return evolve(stream, next_due=outcome.now + outcome.runtime.pace.after_refusal(stream.failures))


def _tell_forbidden(outcome: Outcome, operation: str, error: ForbiddenError) -> None:
    open_problem(
        outcome.tx,
        ProblemKind.PERMISSION_MISSING,
        outcome.stream.account,
        f"operation/{operation}",
        f"{outcome.stream.account} does not permit {operation}: {error}",
        "grant the permission on the channel; it is tried on and goes on where it stopped",
        outcome.now,
    )


def _tell_failing(outcome: Outcome, stream: StreamRow, operation: str, next_action: str) -> None:
    subject = f"stream/{stream.kind}"
    open_problem(
        outcome.tx,
        ProblemKind.STREAM_FAILING,
        stream.account,
        subject,
        f"{operation} of {stream.account} has failed {stream.failures} times in a row: {stream.last_error}",
        next_action,
        outcome.now,
    )
    announce(
        outcome.tx, EventName.STREAM_HEALTH_CHANGED, stream.account, subject, stream.epoch, outcome.now, healthy=False
    )
