"""From a configured account to one that can run: its connector made, checked and bound."""

from collections import defaultdict
from collections.abc import Mapping

import attrs
from attrs import evolve

from entrepot.channel import Bound, Environment, Ports, bind, connector_faults
from entrepot.config import AccountConfig, Config
from entrepot.errors import ConfigError, Fault
from entrepot.http import AccountHttp, Transport
from entrepot.http.client import check_url
from entrepot.model import AccountId, Sku
from entrepot.quota.shared import Spender
from entrepot.runtime import Clock
from entrepot.secrets import Redactor
from entrepot.sync.pace import Pace
from entrepot.sync.reading import Reader
from entrepot.sync.runtime import Runtime
from entrepot.vault.keeper import Keeper

USER_AGENT = "Entrepot/0.1 (Language=Python)"


def connect_accounts(
    config: Config,
    transports: Mapping[AccountId, Transport | None],
    clock: Clock,
    redactor: Redactor,
    keeper: Keeper | None = None,
) -> dict[AccountId, Runtime]:
    """Connect every account. `keeper` None: what they keep ends with this process.

    Raises ConfigError with the faults of all connectors and of settings that they refuse, and with missing secrets.
    """
    faults: list[Fault] = []
    runtimes = {}
    for id_, account in config.accounts.items():
        if account.missing:
            faults += account.missing
            continue
        http = AccountHttp(
            account.channel,
            transports.get(id_),
            clock,
            id_,
            user_agent=USER_AGENT,
            redactor=redactor,
            kept=keeper.of(id_) if keeper else None,
        )
        try:
            connector = account.channel.connect(account.settings, ports_of(account, clock, http))
        except ValueError as refused:
            faults.append(_refused_settings(config, account, refused))
            continue
        found = connector_faults(account.channel, connector)
        faults += found
        if not found:
            runtimes[id_] = _runtime(account, bind(account.channel, connector), http, config)
    if faults:
        raise ConfigError(faults)
    return _with_siblings(runtimes)


def _with_siblings(runtimes: Mapping[AccountId, Runtime]) -> dict[AccountId, Runtime]:
    """Who shares an application: the trouble of one may be that of all."""
    families: defaultdict[str, list[AccountId]] = defaultdict(list)
    for id_, runtime in runtimes.items():
        families[runtime.application].append(id_)
    return {id_: evolve(one, siblings=tuple(families[one.application])) for id_, one in runtimes.items()}


def catalog(config: Config) -> list[tuple[Sku, str, str]]:
    """The articles of the configuration, as the store takes them."""
    return [(article.sku, article.title, article.group) for article in config.articles.values()]


def _refused_settings(config: Config, account: AccountConfig, refused: ValueError) -> Fault:
    """Which setting it is can be told where the words quote it, or where it is a bad URL."""
    message, _, next_action = str(refused).partition(". Next: ")
    fields = [field.name for field in attrs.fields(type(account.settings))]
    guilty = [name for name in fields if _is_guilty(getattr(account.settings, name), message)]
    path = ".".join(["accounts", account.id, "settings", *guilty[:1]])
    return Fault("E114", f"{config.path.name}: {path}", message, next_action or "correct the settings")


def _is_guilty(value: object, message: str) -> bool:
    if not isinstance(value, str):
        return False
    if "://" not in value:
        return bool(value) and repr(value) in message
    try:
        check_url(value)
    except ValueError:
        return True
    return False


def ports_of(account: AccountConfig, clock: Clock, http: AccountHttp) -> Ports:
    """What a connector of the account is lent."""
    return Ports(
        account=account.id,
        environment=account.environment,
        marketplaces=account.marketplaces,
        clock=clock,
        http=http,
        vault=http.vault,
    )


def spender(account: AccountConfig) -> Spender:
    """Raises AttributeError where the settings lack secrets: such an account makes no call."""
    return Spender(
        account=account.id,
        application=_application(account),
        channel=account.channel,
        time_scale=account.time_scale,
        learns=account.environment is not Environment.SANDBOX,
    )


def _runtime(account: AccountConfig, bound: Bound, http: AccountHttp, config: Config) -> Runtime:
    return Runtime(
        id=account.id,
        bound=bound,
        http=http,
        spender=spender(account),
        pace=Pace(account.time_scale, account.orders.freshness),
        publish=account.publish,
        rules=tuple(rule for rule in config.rules if rule.account in {None, account.id}),
        bundles=config.bundles,
        marketplaces=account.marketplaces,
        orders_since=account.orders.since,
        timetable=config.timetable.scaled(account.time_scale),
        monthly_gets=account.monthly_gets,
        reader=Reader(account.id, account.channel),
    )


def _application(account: AccountConfig) -> str:
    """Its name, in one of the channel's worlds; where accounts of the channel share none, the account is its own.

    No account has a slash in its id.
    """
    setting = account.channel.application
    name = getattr(account.settings, setting) if setting else None
    return f"{account.channel.id}/{account.environment}/{name}" if isinstance(name, str) and name else account.id
