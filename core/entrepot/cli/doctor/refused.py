"""From a call that failed to what is wrong: credentials, consent, permission, region, environment, network."""

from attrs import evolve, frozen

from entrepot.channel import Check, Environment
from entrepot.cli.asking import ask, connected
from entrepot.cli.context import Home
from entrepot.cli.doctor.finding import Finding, Subject
from entrepot.config import AccountConfig
from entrepot.errors import (
    AuthError,
    ChannelError,
    ConfigError,
    ForbiddenError,
    NothingListens,
    RateLimited,
    RejectedError,
)
from entrepot.http.client import NoAnswer, NotSent
from entrepot.store import Store
from entrepot.sync.calls import Called

NO_CONSENT = {"access_denied", "invalid_grant"}
WRONG_APPLICATION = {"invalid_client", "unauthorized_client"}
"""OAuth 2 words (RFC 6749, 5.2) that leave no doubt about what is wrong."""

OTHER_WORLD = {
    Environment.PRODUCTION: Environment.SANDBOX,
    Environment.SANDBOX: Environment.PRODUCTION,
}


@frozen
class Patient:
    """An account under examination."""

    home: Home
    store: Store
    account: AccountConfig

    @property
    def again(self) -> str:
        return f"then: entrepot doctor {self.account.id}"

    def subject(self, name: str) -> Subject:
        return Subject(name, self.account.id)


async def explain(patient: Patient, error: ChannelError) -> Finding:
    """Why `check` failed. Channels answer alike for several reasons: then it is asked elsewhere, too."""
    clear = NO_CONSENT | WRONG_APPLICATION
    if isinstance(error, AuthError | ForbiddenError) and error.code not in clear:
        for other in _elsewhere(patient.account):
            if await _is_let_in(patient, other):
                return _mismatch(patient, other)
    return name_failure(patient, "account", error)


def name_failure(patient: Patient, what: str, error: ChannelError) -> Finding:
    """What the failure itself says."""
    subject, again = patient.subject(what), patient.again
    if isinstance(error, AuthError):
        return _refused_credentials(patient, subject, error)
    if isinstance(error, ForbiddenError):
        action = f"grant the permission (or role) on the channel, authorize again, {again}"
        return subject.wrong("D012", f"not permitted: {error}", action)
    if isinstance(error, RateLimited):
        return subject.warn("D019", f"the channel has no call left for us: {error}", f"wait a minute, {again}")
    if isinstance(error, NothingListens) or isinstance(error.__context__, NotSent | NoAnswer | TimeoutError):
        message, _, own = str(error).partition(" Next: ")
        action = own or "check this machine's network, and the address in settings"
        return subject.wrong("D011", message.removesuffix("."), f"{action}, {again}")
    if isinstance(error, RejectedError):
        return subject.wrong("D010", str(error), f"compare the account's settings with the channel, {again}")
    return subject.wrong(
        "D018", str(error), f"try again in some minutes, {again}; if it stays, tell the plugin's author"
    )


def used_up(patient: Patient, what: str, until: str) -> Finding:
    action = f"wait until then, {patient.again}"
    return patient.subject(what).warn("D019", f"not asked: the allowance is used up until {until}", action)


def _refused_credentials(patient: Patient, subject: Subject, error: AuthError) -> Finding:
    if error.code in NO_CONSENT:
        action = f"authorize the application again on the channel, put the new token in its place, {patient.again}"
        return subject.wrong("D014", f"the owner's consent is missing, or ended: {_bare(error)}", action)
    action = f"correct the secrets that [accounts.{patient.account.id}.settings] names, {patient.again}"
    return subject.wrong("D013", f"the credentials are refused: {_bare(error)}", action)


def _bare(error: ChannelError) -> str:
    """Without its own next action: the doctor's is the better one."""
    return str(error).partition(". Next:")[0]


def _elsewhere(account: AccountConfig) -> list[AccountConfig]:
    """The same account in one marketplace of each other region, then in the other environment.

    In this sequence: a sandbox may let in what is good for another region.
    """
    world = (
        [evolve(account, environment=OTHER_WORLD[account.environment])] if account.environment in OTHER_WORLD else []
    )
    regions = account.channel.marketplaces
    here = {regions.get(name) for name in account.marketplaces}
    first = {region: name for name, region in reversed(list(regions.items())) if region not in here}
    return [*(evolve(account, marketplaces=(name,)) for name in first.values()), *world]


async def _is_let_in(patient: Patient, other: AccountConfig) -> bool:
    try:
        async with connected(patient.home, patient.store, other) as runtime:
            required = runtime.bound.required
            told = await ask(patient.store, runtime, "check", lambda: required.check(Check()), patient.home.clock)
    except ConfigError:
        return False
    return isinstance(told, Called) and told.error is None


def _mismatch(patient: Patient, other: AccountConfig) -> Finding:
    account, subject = patient.account, patient.subject("account")
    table = f"[accounts.{account.id}]"
    if other.environment is not account.environment:
        message = f"the credentials are good for {other.environment}, and {table} says {account.environment}"
        action = f'environment = "{other.environment}" in {table}, or other credentials, {patient.again}'
        return subject.wrong("D016", message, action)
    regions = account.channel.marketplaces
    region = regions[other.marketplaces[0]]
    here = ", ".join(dict.fromkeys(regions.get(name, "?") for name in account.marketplaces))
    names = ", ".join(name for name, theirs in regions.items() if theirs == region)
    message = f"the authorization is good for region {region}, and the marketplaces are of {here}"
    return subject.wrong(
        "D015", message, f"marketplaces from {names} in {table}, or another authorization, {patient.again}"
    )
