"""From a configured account to one that can run: its connector made, checked and bound."""

from collections.abc import Mapping

from entrepot.channel import Bound, Ports, bind, connector_faults
from entrepot.config import AccountConfig, Config
from entrepot.errors import ConfigError, Fault
from entrepot.http import AccountHttp, Transport
from entrepot.model import AccountId, Sku
from entrepot.runtime import Clock
from entrepot.secrets import Redactor
from entrepot.sync.pace import Pace
from entrepot.sync.runtime import Runtime

USER_AGENT = "Entrepot/0.1 (Language=Python)"


def connect_accounts(
    config: Config, transports: Mapping[AccountId, Transport | None], clock: Clock, redactor: Redactor
) -> dict[AccountId, Runtime]:
    """Connect every account. Raises ConfigError with the faults of all connectors."""
    faults: list[Fault] = []
    runtimes = {}
    for id_, account in config.accounts.items():
        http = AccountHttp(account.channel, transports.get(id_), clock, id_, user_agent=USER_AGENT, redactor=redactor)
        connector = account.channel.connect(account.settings, _ports(account, clock, http))
        found = connector_faults(account.channel, connector)
        faults += found
        if not found:
            runtimes[id_] = _runtime(account, bind(account.channel, connector), http, config.buffer)
    if faults:
        raise ConfigError(faults)
    return runtimes


def catalog(config: Config) -> list[tuple[Sku, str, str]]:
    """The articles of the configuration, as the store takes them."""
    return [(article.sku, article.title, article.group) for article in config.articles.values()]


def _ports(account: AccountConfig, clock: Clock, http: AccountHttp) -> Ports:
    return Ports(
        account=account.id,
        environment=account.environment,
        marketplaces=account.marketplaces,
        clock=clock,
        http=http,
    )


def _runtime(account: AccountConfig, bound: Bound, http: AccountHttp, buffer: int) -> Runtime:
    return Runtime(
        id=account.id,
        bound=bound,
        http=http,
        pace=Pace(account.time_scale, account.orders.freshness),
        publish=account.publish,
        buffer=buffer,
        marketplaces=account.marketplaces,
        orders_since=account.orders.since,
    )
