"""What plugins.toml says, checked and typed."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen
from packaging.specifiers import SpecifierSet

from entrepot.channel import ChannelType, Environment, Secret
from entrepot.errors import Fault
from entrepot.model import DEFAULT_LOCATION, AccountId, CountMeaning, LocationId, ProblemKind, Publish, Sku
from entrepot.model.schedule import Timetable
from entrepot.stock.mass_change import HoldIf
from entrepot.stock.rules import Rule
from entrepot.vault.keys import Keyring


@frozen
class OrdersConfig:
    """`since`: where the first pass begins, in UTC; None for 30 days back.

    `freshness`: the pause between two looks, not yet divided by the account's `time_scale`.
    """

    since: datetime | None
    freshness: timedelta


@frozen
class AccountConfig:
    """`settings` is an instance of the channel's settings class; `simulator` a URL, None for one inside the process.

    `monthly_gets`: requests that only read, of all accounts of the application together; None for any number.

    `missing`: secrets of the settings that are not in their place. With any, `settings` is None, and nothing connects.
    """

    id: AccountId
    channel: ChannelType
    marketplaces: tuple[str, ...]
    publish: Publish
    environment: Environment
    time_scale: int
    simulator: str | None
    orders: OrdersConfig
    settings: Any
    offers: Path | None = None  # for `offers match`
    missing: tuple[Fault, ...] = ()
    monthly_gets: int | None = None


@frozen
class Article:
    """A line of the catalog."""

    sku: Sku
    title: str
    group: str = ""


class Unmapped(StrEnum):
    """What becomes of an order with an offer that nobody knows."""

    HOLD = "hold"  # it is stored and shown, and waits for its mapping


Bundles = Mapping[str, Mapping[Sku, int]]
"""The articles in one unit of an offer of this name, on every account."""

NO_BUNDLES: Bundles = MappingProxyType({})

USUAL = HoldIf()


@frozen
class StockConfig:
    """`counts`: what a count means where it does not say. `hold_if`: what an import may change unseen."""

    counts: CountMeaning = CountMeaning.ON_HAND
    hold_if: HoldIf = USUAL


class Tls(StrEnum):
    """How a mail server is spoken to."""

    STARTTLS = "starttls"
    IMPLICIT = "implicit"
    OFF = "off"


@frozen
class Locations:
    """`own`: in the order in which orders are taken from them. `held`: names of what an account's channel holds."""

    own: tuple[LocationId, ...] = (DEFAULT_LOCATION,)
    held: Mapping[LocationId, AccountId] = field(factory=dict)

    @property
    def only(self) -> LocationId | None:
        """The one that is meant where nobody says; None where there are several."""
        return self.own[0] if len(self.own) == 1 else None


@frozen
class MailConfig:
    """`user` and `password` are both there, or neither."""

    server: str
    port: int
    tls: Tls
    user: str | None
    password: Secret | None
    sender: str


@frozen
class Address:
    """`host` is an IP address."""

    host: str
    port: int


@frozen
class AlertConfig:
    """`to`: `mailto:ADDRESS`, or the URL of a webhook, whose `secret` signs."""

    to: str
    problems: frozenset[ProblemKind]
    secret: Secret | None


@frozen
class Config:
    """`database` is absolute. `rules` stand in their order. `warnings` stop nothing.

    `missing`: secrets of accounts and alerts, and keys, that are not in their place. They stop what needs one, and
    every start. `keyring` None: no key is named, so no secret is kept.
    """

    path: Path
    database: Path
    time_zone: ZoneInfo
    plugins: Mapping[str, SpecifierSet]
    accounts: Mapping[AccountId, AccountConfig]
    articles: Mapping[Sku, Article]
    rules: tuple[Rule, ...]
    warnings: tuple[Fault, ...]
    stock: StockConfig = StockConfig()
    bundles: Bundles = NO_BUNDLES
    alerts: tuple[AlertConfig, ...] = ()
    mail: MailConfig | None = None
    missing: tuple[Fault, ...] = ()
    timetable: Timetable = field(factory=Timetable)
    locations: Locations = field(factory=Locations)
    metrics: Address | None = None
    keyring: Keyring | None = None


def secret_values(config: Config) -> frozenset[str]:
    """Every secret of the file, revealed: for the redactor, and nothing else."""
    settings = [account.settings for account in config.accounts.values()]
    return frozenset(_revealed([*settings, config.mail, *config.alerts, config.keyring]))


def _revealed(value: Any) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.reveal()
        return
    if attrs.has(type(value)):
        value = [getattr(value, field.name) for field in attrs.fields(type(value))]
    elif isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from _revealed(part)
