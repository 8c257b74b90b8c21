"""`simulator ACCOUNT --port N`: a channel's simulator on a port of this machine, for a daemon to talk to."""

import asyncio
import json
import random
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click
import structlog
from attrs import asdict, evolve

from entrepot.channel import Environment, Secret, SimulatorConfig
from entrepot.cli.connecting import Ways, close, keeper_of
from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.exits import Guarded, Refused, lacking
from entrepot.config import AccountConfig
from entrepot.errors import AuthError, ConfigError
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId
from entrepot.runtime import Clock, Rng
from entrepot.sync.assembly import connect_accounts
from entrepot.vault.keeper import Keeper

if TYPE_CHECKING:
    from entrepot.simulation import Market
    from entrepot.simulation.doubles import serving

MOST_SHOWN = 60
"""Units of an offer to begin with, at most."""

HERE, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where it is asked for

LOOK = 1.0
"""Seconds between two looks whether the account is let in."""

FILL = "write articles into the file that [skus] catalog names, one a line: sku,title"

log = structlog.get_logger()


@click.command()
@click.argument("account")
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--host", default=HERE, show_default=True, help="0.0.0.0 for containers. It protects nothing.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the quantities and what buyers do.")
@click.option(
    "--demand", type=click.IntRange(0), default=0, show_default=True, help="Units of each article that buyers want."
)
@click.option(
    "--hours", type=click.FloatRange(0, min_open=True), default=24, show_default=True, help="How long they want them."
)
@click.option("--unshipped", is_flag=True, help="The merchant ships nothing himself, because your client does.")
@click.option(
    "--sent-by-channel",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="Every Nth article lies with the channel, which sends it.",
)
@click.option(
    "--sellers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Accounts of the application; more invented.",
)
@click.option("--granted", default="", help="Roles that the application has, with commas between.")
@click.option("--time-scale", type=click.IntRange(1), default=None, help="In place of the account's time_scale.")
@click.option(
    "--faults",
    default="",
    help="What goes wrong: storm,html_page=0.02,stuck_feed=3x,half_answer:OPERATION=2x,outage@2h+30m,clock=-10m",
)
@pass_home
def simulator(  # noqa: PLR0913 - an argument for each option
    home: Home,
    account: str,
    *,
    port: int,
    host: str,
    seed: int,
    demand: int,
    hours: float,
    unshipped: bool,
    sent_by_channel: int | None,
    sellers: int,
    granted: str,
    time_scale: int | None,
    faults: str,
) -> None:
    """Serve a channel's simulator on a port of this machine.

    It shows an offer for every article of the catalog. Where the account says `time_scale = N`, its limits are N times
    as fast, its lags and its buyers' hours N times as short. What really happened is at /_simulator/truth. It prints
    the settings that a client needs, for each seller. Faults by name, each at its usual share, at a share, so many
    times or for a span: how-to/simulator.md has them all.
    """
    configured = _configured(home, account, time_scale)
    try:
        from entrepot.simulation.doubles import fault_script, serving  # noqa: PLC0415 - only simulators need a web server
    except ModuleNotFoundError as missing:
        raise lacking(missing) from missing
    try:
        script = fault_script.FaultScript.read(faults)
        clock = fault_script.SkewedClock(home.clock, script.ahead)
        rng = _chance(seed, configured)
        app = _make(configured, _simulated(home, configured, rng, sellers, sent_by_channel), clock, rng)
        accounts = _accounts(configured, app, sellers)
        for _, market in accounts:
            script.check(market)
            _grant(market, frozenset(filter(None, granted.split(","))))
    except fault_script.UnreadableScript as unreadable:
        raise Refused(f"--faults: {unreadable}") from unreadable
    try:
        listener = serving.listen(port, host)
    except OSError as taken:
        raise Refused(f"port {port} of {host} cannot be used: {taken.strerror}. Next: name another") from taken
    url = f"http://{HERE if host == EVERYWHERE else host}:{port}"
    wanted, span = {str(sku): demand for sku in home.config.articles}, timedelta(hours=hours)

    async def trade() -> None:
        async with asyncio.TaskGroup() as group:
            for each, market in accounts:
                trading = serving.Trade(market, wanted, span, _chance(seed, each, "/buyers"), ships=not unshipped)
                group.create_task(_trade(home, each, served, trading, url))

    with listener, suppress(KeyboardInterrupt):
        _announce(home, [each for each, _ in accounts], url)
        told = {"channel": configured.channel.id, "url": url, "scale": configured.time_scale}
        log.info("simulating", account=account, **told, seed=seed, again=_again())
        served = serving.Served(app, clock, script)
        asyncio.run(serving.serve(served, listener, trade))


def _configured(home: Home, account: str, time_scale: int | None) -> AccountConfig:
    configured = home.account(account)
    if configured.environment is not Environment.SIMULATOR:
        message = f'{account} has environment = "{configured.environment}"'
        raise Guarded(f'{message}. Next: environment = "simulator" in {home.path.name}')
    if configured.missing:
        raise ConfigError(configured.missing)
    return evolve(configured, time_scale=time_scale or configured.time_scale)


def _again() -> str:
    """The command that plays the same again."""
    given = {name: value for name, value in click.get_current_context().params.items() if value not in {"", None}}
    account = given.pop("account")
    options = (_option(f"--{name.replace('_', '-')}", value) for name, value in given.items() if value is not False)
    return shlex.join(["entrepot", "simulator", account, *options])


def _option(name: str, value: Any) -> str:
    return name if value is True else f"{name}={value}"


def _simulated(
    home: Home, account: AccountConfig, rng: Rng, sellers: int, sent_by_channel: int | None
) -> SimulatorConfig:
    """An offer for each article of the catalog, with a quantity by lot."""
    articles = home.config.articles
    shown = {str(sku): rng.randint(0, MOST_SHOWN) for sku in articles}
    return SimulatorConfig(
        account.id,
        account.marketplaces,
        account.settings,
        shown,
        account.time_scale,
        sellers,
        titles={str(sku): article.title for sku, article in articles.items()},
        sent_by_channel=frozenset([*shown][sent_by_channel - 1 :: sent_by_channel] if sent_by_channel else ()),
    )


def _make(account: AccountConfig, config: SimulatorConfig, clock: Clock, rng: Rng) -> Any:
    make = account.channel.simulator
    if make is None:
        raise Refused(f"channel {account.channel.id!r} brings no simulator")
    try:
        return make(config, clock, rng)
    except ModuleNotFoundError as missing:
        raise lacking(missing) from missing


def _accounts(account: AccountConfig, app: Any, sellers: int) -> "list[tuple[AccountConfig, Market]]":
    """The one that was asked for, and those that were invented beside it, each with its market."""
    from entrepot.simulation import Market, Sellers  # noqa: PLC0415 - as above

    if isinstance(app, Sellers):
        return [(_of(seller.config, account), seller.shop) for seller in app.accounts.values()]
    if sellers > 1:
        raise Refused(f"channel {account.channel.id!r} simulates one seller at a time. Next: leave --sellers out")
    if not isinstance(app, Market):
        raise Refused(f"the simulator of channel {account.channel.id!r} is no market that buyers can use")
    return [(account, app)]


def _grant(double: Any, roles: frozenset[str]) -> None:
    """Raises Refused for a role that the channel's simulator does not have."""
    known: frozenset[str] = getattr(double, "grantable", frozenset())
    if roles - known:
        raise unknown("role", min(roles - known), known)
    double.granted = roles


def _of(config: SimulatorConfig, account: AccountConfig) -> AccountConfig:
    name = AccountId(config.account)
    return evolve(account, id=name, marketplaces=config.marketplaces, settings=config.settings)


def _announce(home: Home, accounts: Sequence[AccountConfig], url: str) -> None:
    """What a client needs to be each of the sellers; of further ones, what differs from the first."""
    first, *further = accounts
    click.echo(_as_written(home, first, url))
    for each in further:
        click.echo(_as_toml(each, url, _differing(each, first)))
    if not home.config.articles:
        log.warning("nothing_to_sell", reason=f"the catalog is empty, so no offer is shown. Next: {FILL}")


def _as_written(home: Home, account: AccountConfig, url: str) -> str:
    """The account that was asked for; a secret that its file only names stays a name."""
    written = home.document.values["accounts"][account.id]
    return _as_toml(account, url, written.get("settings", {}))


def _differing(account: AccountConfig, first: AccountConfig) -> Mapping[str, Any]:
    """An invented account's settings, but for those of the first."""
    settings = asdict(account.settings, recurse=False)
    new = {name: value for name, value in settings.items() if value != getattr(first.settings, name)}
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in new.items()}


def _as_toml(account: AccountConfig, url: str, settings: Mapping[str, Any]) -> str:
    words: dict[str, Any] = {"channel": account.channel.id, "environment": "simulator", "simulator": url}
    words["marketplaces"] = list(account.marketplaces)
    words |= {f"settings.{name}": value for name, value in settings.items()}
    lines = [f"{name} = {value if isinstance(value, date) else json.dumps(value)}" for name, value in words.items()]
    return "\n".join([f"[accounts.{account.id}]", *lines, ""])


def _chance(seed: int, account: AccountConfig, purpose: str = "") -> random.Random:
    return random.Random(f"{seed}/{account.id}{purpose}")  # noqa: S311 - the same seed gives the same shop


async def _trade(
    home: Home, account: AccountConfig, served: "serving.Served", trade: "serving.Trade", url: str
) -> None:
    """Buyers come where the account sells, which its own connector asks of the simulator."""

    async def trading(keeper: Keeper | None) -> None:
        alone = evolve(home.config, accounts={account.id: account})
        ways: Ways = {account.id: Rerouted(url, account.id)}
        runtimes = connect_accounts(alone, ways, home.clock, home.redactor, keeper)
        try:
            await trade.go_on(served, runtimes[account.id], home.clock)
            log.info("buyers_done", account=account.id)
        finally:
            await close(runtimes.values())

    if not any(trade.demand.values()):
        return served.begin_faults(trade.market)
    try:
        await trading(None)
    except AuthError as refused:
        log.warning("buyers_wait", reason=str(refused))
        await _once_authorized(home, trading)


async def _once_authorized(home: Home, trading: Callable[[Keeper], Awaitable[None]]) -> None:
    """A person may authorize the account at the simulator itself; what that brings is kept in the store."""
    async with home.store(make=True) as store:
        while True:
            try:
                return await trading(keeper_of(home, store))
            except AuthError:
                await asyncio.sleep(LOOK)
