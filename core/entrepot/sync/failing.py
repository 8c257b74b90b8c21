"""What a failed call does to its stream and its account. A failure makes work late; it never switches it off."""

from datetime import timedelta

from attrs import evolve

from entrepot.errors import AuthError, ChannelError, CursorExpired, ForbiddenError, RateLimited, RejectedError
from entrepot.http.policy import Action, Next, Terms, decide
from entrepot.model import EventName, ProblemKind, Severity
from entrepot.runtime import Rng
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.announce import announce, close_problem, open_problem
from entrepot.sync.applications import is_its_own, rests_until
from entrepot.sync.breaking import load, note_failure
from entrepot.sync.data_sets import narrows
from entrepot.sync.pace import FAILING_AFTER
from entrepot.sync.runtime import Outcome
from entrepot.sync.windows import is_smallest, resting

SKEW_TOLD = 30.0
SKEW_PARKS = 300.0

LOOK = "it is tried on; if the channel is well, look at the message"
CURSORS_TOO_SHORT = "it is tried on; tell the channel that its cursors expire before a minute's orders are read"
INCIDENT = "wait: the channel refuses what it took before; it is tried on, and all of that time is read once it is well"


def after_failure(outcome: Outcome, operation: str, error: ChannelError, rng: Rng) -> StreamRow:
    """The stream as it waits for its next try."""
    draw, attempt = rng.random(), outcome.stream.failures + 1
    action = decide(error, attempt, _terms(outcome, operation), draw, waits=outcome.runtime.pace.waits)
    if isinstance(error, RateLimited):
        return evolve(outcome.stream, next_due=outcome.now + action.pause)
    if narrows(outcome, error):
        return evolve(outcome.stream, next_due=outcome.now)  # for less, which can shrink only so often
    if isinstance(error, AuthError):
        return _refused(outcome, error, action)
    failed = _failed(outcome, error)
    if isinstance(error, ForbiddenError):
        _tell_forbidden(outcome, operation, error)
    if failed.failures == FAILING_AFTER:
        _tell_failing(outcome, failed, operation, _advice(outcome, operation, error))
    if action.next is Next.BEGIN_ANEW and failed.window is not None and not is_smallest(failed):
        return evolve(failed, next_due=outcome.now)  # half the span may fit, and can be halved only so often
    due = outcome.now + action.pause
    unchanged = not _writes(outcome, operation)
    circuit = note_failure(outcome.tx, failed.account, operation, error, outcome.now, action.pause, unchanged=unchanged)
    return evolve(failed, next_due=max(due, circuit.probe_at or due))


def _failed(outcome: Outcome, error: ChannelError) -> StreamRow:
    return evolve(
        outcome.stream,
        failures=outcome.stream.failures + 1,
        failing_since=outcome.stream.failing_since or outcome.now,
        last_error=str(error),
    )


def _refused(outcome: Outcome, error: AuthError, action: Action) -> StreamRow:
    """Its own trouble parks the account; that of its application, or what may be, fails nothing and drops nothing."""
    if is_its_own(outcome, error):
        return _park(outcome, _failed(outcome, error), error, action.pause)
    return evolve(resting(outcome.stream), next_due=rests_until(outcome))


def _advice(outcome: Outcome, operation: str, error: ChannelError) -> str:
    if isinstance(error, CursorExpired):
        return CURSORS_TOO_SHORT
    worked = load(outcome.tx, outcome.stream.account, operation).worked and not _writes(outcome, operation)
    return INCIDENT if worked and isinstance(error, RejectedError | ForbiddenError) else LOOK


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


def _terms(outcome: Outcome, operation: str) -> Terms:
    """What a write sent is read back before it is sent again, so no write is repeated unseen."""
    facts = outcome.runtime.channel.operations.get(operation)
    limits = [outcome.runtime.channel.limits[name] for name in facts.spends] if facts else []
    period = outcome.runtime.pace.scaled(max((limit.period for limit in limits), default=timedelta(0)))
    return Terms(period, repeatable=not _writes(outcome, operation))


def _writes(outcome: Outcome, operation: str) -> bool:
    facts = outcome.runtime.channel.operations.get(operation)
    return facts is not None and facts.writes


def _park(outcome: Outcome, stream: StreamRow, error: AuthError, pause: timedelta) -> StreamRow:
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
        outcome.tx.streams.wake(account, StreamKind.HEALTH, outcome.now + outcome.runtime.pace.waits.after_refusal(1))
        return evolve(stream, next_due=outcome.now)  # due as soon as the account resumes
    return evolve(stream, next_due=outcome.now + pause)


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
