"""What a plugin declares about its channel, as data that the core obeys."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeAlias

from attrs import field, frozen

from entrepot import errors
from entrepot.channel.convert import Json
from entrepot.channel.ports import Ports
from entrepot.runtime import Clock, Rng


class _Undeclared:
    """A fact that nobody stated. Where an operation needs it, the channel does not load."""

    def __repr__(self) -> str:
        return "UNDECLARED"


UNDECLARED: Any = _Undeclared()


@frozen
class Limit:
    """A token bucket: `burst` tokens when full, refilled at `per_second`. One bucket for each account.

    `application`: further buckets by name, each of them one for all accounts of an application
    (`ChannelType.application`). A request spends from them too; whichever is empty first refuses it.
    """

    per_second: float
    burst: int
    application: "Mapping[str, Limit]" = field(factory=dict, hash=False)

    @property
    def period(self) -> timedelta:
        """The time in which one token comes back."""
        return timedelta(seconds=1 / self.per_second)


@frozen(kw_only=True)
class Reads:
    """Facts of an operation that changes nothing on the channel.

    `settle_lag`: a change is in the answer after at most this long. `restatement_horizon`: a record may still change
    for this long. `history_horizon`: older records are not shown. `cursor_lifetime`: None where cursors do not expire.
    `windowed`: False where the list cannot be cut by time: records from outside of the window come too.
    """

    spends: Mapping[str, int] = field(factory=dict)
    page_size: int = UNDECLARED
    cursor_lifetime: timedelta | None = UNDECLARED
    settle_lag: timedelta = UNDECLARED
    restatement_horizon: timedelta = UNDECLARED
    history_horizon: timedelta = UNDECLARED
    windowed: bool = True
    removal: date | None = None
    writes: bool = field(default=False, init=False)


@frozen(kw_only=True)
class Writes:
    """Facts of an operation that changes something. `idempotent`: the same write twice is as good as once."""

    spends: Mapping[str, int] = field(factory=dict)
    batch_size: int = UNDECLARED
    idempotent: bool = UNDECLARED
    removal: date | None = None
    writes: bool = field(default=True, init=False)


Facts: TypeAlias = Reads | Writes

REQUIRED_FACTS: Mapping[str, tuple[str, ...]] = {
    "fetch_orders": ("page_size", "cursor_lifetime", "settle_lag", "restatement_horizon", "history_horizon"),
    "fetch_order": ("page_size",),
    "fetch_stock": ("page_size",),
    "push_stock": ("batch_size", "idempotent"),
    "submit_bulk": ("batch_size", "idempotent"),
}
"""Facts without which the core cannot use an operation."""

ErrorTable: TypeAlias = Mapping[int | tuple[int, str], type[errors.ChannelError]]

STANDARD_ERRORS: dict[int | tuple[int, str], type[errors.ChannelError]] = {
    400: errors.RejectedError,
    401: errors.AuthError,
    403: errors.ForbiddenError,
    404: errors.RejectedError,
    408: errors.TransientError,
    409: errors.RejectedError,
    410: errors.CursorExpired,
    413: errors.RejectedError,
    415: errors.RejectedError,
    422: errors.RejectedError,
    429: errors.RateLimited,
    500: errors.TransientError,
    502: errors.TransientError,
    503: errors.TransientError,
    504: errors.TransientError,
}
"""Status, or (status, the channel's code), to what the core does next. (status, code) wins over status."""


@frozen
class Meaning:
    """What a refusal is where its status and code alone do not tell; the first meaning that fits counts.

    `code`: of the channel; "" fits any. `says`: a part of all that was answered, in lower case; "" fits anything.
    `means` and `next_action` stand in the error.
    """

    status: int
    error: type[errors.ChannelError]
    means: str
    next_action: str
    code: str = ""
    says: str = ""

    def fits(self, status: int, code: str, words: str) -> bool:
        return self.status == status and self.code in {"", code} and self.says in words.lower()


def no_bucket(_: Json) -> str:
    """The channel never says which of several buckets was empty."""
    return ""


def standard_error_code(body: Json) -> str:
    """The channel's word in a refusal.

    `code` or `error` of the body or of the first of its `errors`; "" without one.
    """
    if not isinstance(body, dict):
        return ""
    listed = body.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else body
    word = first.get("code") or first.get("error") or ""
    return word if isinstance(word, str) else ""


@frozen
class SimulatorConfig:
    """What a channel's simulator needs to know of its account.

    `time_scale`: limits are so many times as fast, lags so many times as short; the clock keeps the world's time.
    `sellers`: how many accounts of one application it holds; the others than `account` are invented.
    `titles`: what buyers read of an offer; where it is missing, the channel's simulator invents one, or tells none.
    `sent_by_channel`: those of `skus` whose goods lie with the channel, which sends them, where a channel does so.
    """

    account: str
    marketplaces: tuple[str, ...]
    settings: Any
    skus: Mapping[str, int]  # offers to begin with, and the quantity that the channel shows for each
    time_scale: int = 1
    sellers: int = 1
    titles: Mapping[str, str] = field(factory=dict)
    sent_by_channel: frozenset[str] = frozenset()


Simulator: TypeAlias = Callable[[SimulatorConfig, Clock, Rng], Any]
"""Makes the channel's ASGI application; `entrepot.simulation.Sellers` where it holds more accounts than one."""

Connect: TypeAlias = Callable[[Any, Ports], Any]


@frozen(kw_only=True)
class ChannelType:
    """A kind of channel: how to connect an account of it, and what the core must know.

    `settings` is the attrs class of an account's `settings` table. `maps` are pure functions, one for each kind of
    record. `revision` names the field of the mapped value by which one version is newer than another: `changed_at`, or
    `revision` where the channel numbers its changes. An order that lacks it is refused. `pii_paths` are JSON paths
    (`buyer.email`, `lines[].gift_message`) of personal data in the records of each kind. `marketplaces` that an
    account's table may name, each with its region: an authorization is good for one region.
    `stock_pools`: the pool of each of them whose offers share one number with others', as `describe_account` tells it.
    `seller` names the setting that says whose account it is at the channel, `application` the one that says which
    program asks in its name: it is no secret, and accounts that have the same share the limits of an application
    and its troubles. `meanings` win over `errors`.
    `rate_header`: the header in which an answer tells the rate of the limit that its request spent, in requests per
    second and without those of the application; "" where there is none. `refused_bucket` reads from the body of a
    refusal for frequency which bucket of the application was empty; "" where it was the account's, or is not said.
    `documented` are the paths of the fields that the channel documents for a kind of record, in the form of
    `pii_paths`; the core tells what comes beside them, and what never comes. A kind left out is not compared.
    `simulator_settings` are invented texts, secrets too, with which an account can be used at the simulator: `init`
    writes them.
    """

    id: str
    api: str
    settings: type
    connect: Connect
    maps: Mapping[str, Callable[[Json], Any]]
    revision: Mapping[str, str]
    pii_paths: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, Limit]
    operations: Mapping[str, Facts]
    errors: ErrorTable
    error_code: Callable[[Json], str] = standard_error_code
    mapper_version: str = "1"
    marketplaces: Mapping[str, str] = field(factory=dict)
    stock_pools: Mapping[str, str] = field(factory=dict)
    seller: str | None = None
    application: str | None = None
    meanings: Sequence[Meaning] = ()
    rate_header: str = ""
    refused_bucket: Callable[[Json], str] = no_bucket
    documented: Mapping[str, tuple[str, ...]] = field(factory=dict)
    simulator: Simulator | None = None
    simulator_settings: Mapping[str, str] = field(factory=dict)
