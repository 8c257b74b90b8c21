"""One token for all who may use it: who asks, who waits, and what is handed out. Pure decisions, without I/O.

Whatever is kept of one grant is a `Slot`. Tasks, processes and restarts read and change it one after the other; it
makes no difference where it lies.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from entrepot.channel import (
    ApplicationRefused,
    AuthError,
    ChannelError,
    ConsentRevoked,
    RateLimited,
    Secret,
    TokenAnswer,
    TransientError,
)
from entrepot.errors import NothingListens
from entrepot.model import AccountId

MARGIN = timedelta(seconds=60)
"""A token is renewed this long before its end, or at half its life where that is shorter."""

ATTEMPT = timedelta(seconds=60)
"""After this long a token request is given up."""

LEASE = ATTEMPT + timedelta(seconds=15)
"""How long others wait for whoever asks: longer than it may take, so that only the dead lose theirs."""

PAUSES: Mapping[type[ChannelError], timedelta] = {
    AuthError: timedelta(seconds=60),
    RateLimited: timedelta(seconds=60),
    TransientError: timedelta(seconds=5),
}
"""For how long a failure is everybody's: else each worker in turn would ask with a grant that was revoked."""

KINDS = {
    kind.__name__: kind for kind in (ApplicationRefused, AuthError, ConsentRevoked, NothingListens, TransientError)
}

LONGEST_LIFE = timedelta(days=365)
"""After which a token is renewed, whatever the endpoint says."""

LONGEST_PAUSE = timedelta(hours=1)
"""Whatever the endpoint says."""


@frozen
class Grant:
    """What is asked with. Equal for all who may share the token.

    `account` None: the application's own, whichever account uses it. `form` without the refresh token. `first`: the
    refresh token that plugins.toml names; None for the one that is kept in the vault as `kept_as`.
    """

    account: AccountId | None
    url: str
    form: Mapping[str, str] = field(repr=False, hash=False)
    first: Secret | None = None
    kept_as: str = ""

    @property
    def refreshes(self) -> bool:
        return self.form["grant_type"] == "refresh_token"

    @property
    def name(self) -> str:
        """For a person, and without a secret: two grants may share it."""
        parts = (self.form["grant_type"], self.form["client_id"], self.form.get("scope", ""), self.url)
        return " ".join(part for part in parts if part)

    @property
    def digest(self) -> str:
        """Of all that is asked with; not to be shown, for a weak secret could be guessed from it."""
        parts = [*(word for pair in sorted(self.form.items()) for word in pair), self.url, self.kept_as]
        return digest("\0".join([*parts, self.first.reveal() if self.first else ""]))


@frozen
class Failure:
    """A refusal that others are spared. `words`: those of the error, without the account's name."""

    kind: str
    words: str
    status: int | None
    code: str
    until: datetime
    details: str = ""
    request_id: str = ""

    def error(self, account: AccountId, now: datetime) -> ChannelError:
        words = f"account {account}: {self.words}"
        told: dict[str, Any] = {
            "status": self.status,
            "code": self.code,
            "details": self.details,
            "request_id": self.request_id,
        }
        if self.kind == RateLimited.__name__:
            return RateLimited(words, **told, retry_after=self.until - now)
        return KINDS[self.kind](words, **told)


@frozen
class Slot:
    """What is known of a grant's token.

    `refresh`: the refresh token to ask with. `made_of`: a digest of the one that brought the token, or the failure.
    `asker` holds the lease until `asked_until`.
    """

    refresh: Secret | None = None
    token: Secret | None = None
    renew_at: datetime | None = None
    made_of: str = ""
    failure: Failure | None = None
    asker: str = ""
    asked_until: datetime | None = None


@frozen
class Use:
    token: Secret
    renew_at: datetime


@frozen
class Fail:
    """`failure` None: there is no refresh token to ask with."""

    failure: Failure | None


@frozen
class Wait:
    """Somebody asks."""


@frozen
class Ask:
    """`slot` is to be stored before the request is sent."""

    slot: Slot


Step: TypeAlias = Use | Fail | Wait | Ask


def decide(grant: Grant, slot: Slot, asker: str, now: datetime, refused: Secret | None = None) -> Step:
    """What `asker` does next. `refused`: a token that it must not be given again.

    Its own lease holds nobody up: what it asked for has come to nothing. One that ends too late is of a clock that was
    set back since.
    """
    made_now = slot.made_of == _digest_of(slot.refresh)  # else somebody has authorized again since
    if slot.token and slot.renew_at and made_now and slot.token != refused and now < slot.renew_at:
        return Use(slot.token, slot.renew_at)
    if slot.asker != asker and slot.asked_until is not None and now < slot.asked_until <= now + LEASE:
        return Wait()
    if slot.failure and made_now and now < slot.failure.until <= now + LONGEST_PAUSE:
        return Fail(slot.failure)
    if grant.refreshes and slot.refresh is None:
        return Fail(None)
    return Ask(evolve(slot, token=None, renew_at=None, failure=None, asker=asker, asked_until=now + LEASE))


def granted(slot: Slot, asked: Slot, answer: TokenAnswer, asked_at: datetime) -> Slot:
    """After a success: the token, and the refresh token that takes the place of the one before (RFC 6749, 6).

    `asked`: the slot as it was claimed. Where somebody has authorized again since, that counts, and not the answer.
    """
    if slot.refresh != asked.refresh:
        return Slot(slot.refresh)
    lifetime = timedelta(seconds=min(answer.expires_in, LONGEST_LIFE.total_seconds()))
    refresh = answer.refresh_token if slot.refresh and answer.refresh_token else slot.refresh
    renew_at = asked_at + lifetime - min(MARGIN, lifetime / 2)
    return Slot(refresh, answer.access_token, renew_at, _digest_of(refresh))


def failed(slot: Slot, asked: Slot, error: ChannelError, now: datetime) -> Slot:
    """After a failure."""
    kind = next(kind for kind in PAUSES if isinstance(error, kind))
    wanted = error.retry_after if isinstance(error, RateLimited) else None
    until = now + min(wanted or PAUSES[kind], LONGEST_PAUSE)
    words = str(error).partition(": ")[2]
    failure = Failure(type(error).__name__, words, error.status, error.code, until, error.details, error.request_id)
    return Slot(slot.refresh, failure=failure, made_of=_digest_of(asked.refresh))


def settled(slot: Slot, asker: str, change: Callable[[Slot], Slot]) -> Slot:
    """The slot after an attempt; what comes after its lease was taken by another changes nothing."""
    return change(slot) if slot.asker == asker else slot


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of(refresh: Secret | None) -> str:
    return digest(refresh.reveal()) if refresh else ""
