"""Credentials that several accounts share: who is refused alone has trouble of its own, who is refused with others not.

A refused token parks no account at once while others share its application. It is suspected, and others are checked:

    one of them is let in      the account's own trouble: it parks at its next refusal
    three in a row are not     a wave: all calls of the application rest, one problem says so, one call at a time tries
    nothing is heard of them   after two minutes it is taken for its own

Refused credentials of the application itself stop all its accounts at once, with one problem. A consent that was taken
back is the account's own trouble whatever the others do.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from entrepot.errors import ApplicationRefused, AuthError, ConsentRevoked
from entrepot.http.breaker import Circuit
from entrepot.model import ProblemKind
from entrepot.store import Tx
from entrepot.store.records import NO_ACCOUNT, StreamKind, Suspect
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.breaking import load, save
from entrepot.sync.runtime import Outcome, Runtime

WAVES, CREDENTIALS = "wave/", "credentials/"
"""Two breakers of an application, by what its name begins with."""

WAVE = 3
"""Accounts refused in a row; all, where there are fewer."""

WAVE_WITHIN = timedelta(minutes=10)
SUSPECTED = timedelta(minutes=2)

FIRST_PROBE = timedelta(minutes=1)
LONGEST_PROBE = timedelta(minutes=5)
"""Between two calls that try whether the wave is over: what waits goes on so long after it at most."""

CHECKED_TOO = 4
"""Other accounts that are checked when one is suspected."""


def barred_until(tx: Tx, runtime: Runtime, now: datetime) -> datetime | None:
    """None where the application's calls do not rest, or this one may try them.

    Where the application itself was refused, only an account that saw it tries: another one's token may live on, and
    would prove nothing.
    """
    if not _shares(runtime):
        return None
    credentials = load(tx, NO_ACCOUNT, _credentials(runtime))
    ends = [one for one in (_wave(tx, runtime).barred_until(now), credentials.barred_until(now)) if one is not None]
    if not ends and credentials.since is not None and _suspect(tx, runtime) is None:
        return now + runtime.pace.scaled(FIRST_PROBE)
    return max(ends, default=None)


def rests(tx: Tx, runtime: Runtime) -> bool:
    """Do the application's calls rest? Then one problem says so, and what comes late by it is not told once more."""
    return _shares(runtime) and any(load(tx, NO_ACCOUNT, name).since is not None for name in _names(runtime))


def note_call(tx: Tx, runtime: Runtime, deadline: datetime) -> None:
    """A call is on its way; nobody else tries a resting application before its deadline."""
    for name in _names(runtime) if _shares(runtime) else ():
        circuit = load(tx, NO_ACCOUNT, name)
        if circuit.since is not None:
            save(tx, NO_ACCOUNT, name, circuit.tried(deadline))


def note_accepted(tx: Tx, runtime: Runtime, now: datetime) -> None:
    """The account was let in."""
    if not _shares(runtime):
        return
    subject = f"application/{runtime.application}"
    if tx.breakers.forget(WAVES + runtime.application):
        tx.breakers.clear_all(runtime.application)
        close_problem(tx, ProblemKind.AUTH_WAVE, None, subject, now)
    if _suspect(tx, runtime) is not None and tx.breakers.forget(_credentials(runtime)):
        tx.breakers.clear_all(runtime.application)
        close_problem(tx, ProblemKind.APPLICATION_REFUSED, None, subject, now)
    tx.breakers.clear(runtime.application, runtime.id)
    tx.breakers.set_apart(runtime.application)


def forget_applications(tx: Tx, configured: Collection[str], now: datetime) -> None:
    """Those that nobody uses any more have no trouble."""
    for problem in tx.problems.all():
        application = problem.subject.partition("/")[2]
        if problem.kind not in {ProblemKind.AUTH_WAVE, ProblemKind.APPLICATION_REFUSED} or application in configured:
            continue
        for name in (WAVES + application, CREDENTIALS + application):
            tx.breakers.forget(name)
        tx.breakers.clear_all(application)
        close_problem(tx, problem.kind, None, problem.subject, now)


def is_its_own(outcome: Outcome, error: AuthError) -> bool:
    """Does the account park? Else its calls rest as those of its application do, or a little, until more is known."""
    tx, runtime = outcome.tx, outcome.runtime
    if isinstance(error, ConsentRevoked) or not _shares(runtime) or outcome.account.parked_since is not None:
        return True
    known = _suspect(tx, runtime)
    tx.breakers.suspect(runtime.application, runtime.id, outcome.now)
    if isinstance(error, ApplicationRefused):
        _rest(outcome, _credentials(runtime))
        _tell_refused(outcome, error)
    elif _wave(tx, runtime).since is not None or len(_in_a_row(outcome)) >= min(WAVE, len(runtime.siblings)):
        _rest(outcome, WAVES + runtime.application)
        _tell_wave(outcome, error)
    elif known is None:
        _check_others(outcome)
    elif known.alone or outcome.now - known.since >= runtime.pace.scaled(SUSPECTED):
        tx.breakers.clear(runtime.application, runtime.id)
        return True
    return False


def rests_until(outcome: Outcome) -> datetime:
    """When an account that does not park tries again."""
    circuits = [load(outcome.tx, NO_ACCOUNT, name) for name in _names(outcome.runtime)]
    probes = [circuit.probe_at for circuit in circuits if circuit.probe_at is not None]
    return max(probes, default=outcome.now + outcome.runtime.pace.scaled(SUSPECTED))


def _shares(runtime: Runtime) -> bool:
    return len(runtime.siblings) > 1


def _credentials(runtime: Runtime) -> str:
    return CREDENTIALS + runtime.application


def _wave(tx: Tx, runtime: Runtime) -> Circuit:
    return load(tx, NO_ACCOUNT, WAVES + runtime.application)


def _names(runtime: Runtime) -> tuple[str, str]:
    return WAVES + runtime.application, CREDENTIALS + runtime.application


def _suspect(tx: Tx, runtime: Runtime) -> Suspect | None:
    return next((one for one in tx.breakers.suspects(runtime.application) if one.account == runtime.id), None)


def _in_a_row(outcome: Outcome) -> list[Suspect]:
    since = outcome.now - outcome.runtime.pace.scaled(WAVE_WITHIN)
    suspects = outcome.tx.breakers.suspects(outcome.runtime.application)
    return [one for one in suspects if not one.alone and one.since >= since]


def _check_others(outcome: Outcome) -> None:
    others = [account for account in outcome.runtime.siblings if account != outcome.runtime.id]
    for account in others[:CHECKED_TOO]:
        outcome.tx.streams.wake(account, StreamKind.HEALTH, outcome.now)


def _rest(outcome: Outcome, name: str) -> None:
    """Open the breaker, or keep it open for longer."""
    circuit, pace = load(outcome.tx, NO_ACCOUNT, name), outcome.runtime.pace
    pause = min(LONGEST_PROBE, FIRST_PROBE * (1 << min(circuit.failures, 4)))
    save(outcome.tx, NO_ACCOUNT, name, circuit.failed(outcome.now, pace.scaled(pause), opens_after=1))


def _tell_refused(outcome: Outcome, error: AuthError) -> None:
    runtime = outcome.runtime
    open_problem(
        outcome.tx,
        ProblemKind.APPLICATION_REFUSED,
        None,
        f"application/{runtime.application}",
        f"{runtime.application} is refused itself, so its {len(runtime.siblings)} accounts wait: {error}",
        "renew its credentials in plugins.toml, then: entrepot reload; all go on within five minutes",
        outcome.now,
    )


def _tell_wave(outcome: Outcome, error: AuthError) -> None:
    runtime = outcome.runtime
    open_problem(
        outcome.tx,
        ProblemKind.AUTH_WAVE,
        None,
        f"application/{runtime.application}",
        f"accounts of {runtime.application} are refused one after another, all {len(runtime.siblings)} wait: {error}",
        "wait: it is tried on, and all accounts go on where they stopped; the channel's status page may know more",
        outcome.now,
    )
