"""`simulator ACCOUNT --port N`: a channel's simulator on a port of this machine, for a daemon to talk to."""

import asyncio
import os
import random
import shlex
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click
import structlog
from attrs import evolve

from entrepot.channel import Environment, SimulatorConfig
from entrepot.cli.connecting import Ways, close, keeper_of
from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Guarded, Refused, lacking
from entrepot.config import AccountConfig
from entrepot.errors import AuthError, ConfigError
from entrepot.http.reroute import Rerouted
from entrepot.runtime import Clock
from entrepot.sync.assembly import connect_accounts
from entrepot.vault.keeper import Keeper

if TYPE_CHECKING:
    from entrepot.simulation import serving

MOST_SHOWN = 60
"""Units of an offer to begin with, at most."""

LOOK = 1.0
"""Seconds between two looks whether the account is let in."""

log = structlog.get_logger()


@click.command()
@click.argument("account")
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides the quantities and what buyers do.")
@click.option(
    "--demand", type=click.IntRange(0), default=0, show_default=True, help="Units of each article that buyers want."
)
@click.option(
    "--hours", type=click.FloatRange(0, min_open=True), default=24, show_default=True, help="How long they want them."
)
@click.option(
    "--faults", default="", help="What goes wrong: storm,html_page=0.02,stuck_feed=3x,outage@2h+30m,clock=-10m"
)
@pass_home
def simulator(home: Home, account: str, port: int, seed: int, demand: int, hours: float, faults: str) -> None:
    """Serve a channel's simulator on a port of this machine.

    It shows an offer for every article of the catalog. Where the account says `time_scale = N`, its limits are N times
    as fast, its lags and its buyers' hours N times as short. What really happened is at /_simulator/truth. Faults by
    name, each at its usual share, at a share, so many times or for a span: how-to/simulator.md has them all.
    """
    configured = home.account(account)
    if configured.environment is not Environment.SIMULATOR:
        message = f'{account} has environment = "{configured.environment}"'
        raise Guarded(f'{message}. Next: environment = "simulator" in {home.path.name}')
    if configured.missing:
        raise ConfigError(configured.missing)
    try:
        from entrepot.simulation import fault_script, serving  # noqa: PLC0415 - only simulators need a web server
    except ModuleNotFoundError as missing:
        raise lacking(missing) from missing
    try:
        script = fault_script.FaultScript.read(faults)
        clock = fault_script.SkewedClock(home.clock, script.ahead)
        app = _make(home, configured, seed, clock)
        script.check(app)
    except fault_script.UnreadableScript as unreadable:
        raise Refused(f"--faults: {unreadable}") from unreadable
    wanted = {str(sku): demand for sku in home.config.articles}
    trade = serving.Trade(wanted, timedelta(hours=hours), _chance(seed, configured, "/buyers"))
    url = f"http://127.0.0.1:{port}"
    try:
        listener = serving.listen(port)
    except OSError as taken:
        raise Refused(f"port {port} cannot be used: {os.strerror(taken.errno or 0)}. Next: name another") from taken
    with listener, suppress(KeyboardInterrupt):
        told = {"channel": configured.channel.id, "url": url, "scale": configured.time_scale}
        log.info("simulating", account=account, **told, seed=seed, again=_again())
        served = serving.Served(app, clock, script)
        asyncio.run(serving.serve(served, listener, lambda: _trade(home, configured, served, trade, url)))


def _again() -> str:
    """The command that plays the same again."""
    given = {name: value for name, value in click.get_current_context().params.items() if value not in {"", None}}
    account = given.pop("account")
    return shlex.join(["entrepot", "simulator", account, *(f"--{name}={value}" for name, value in given.items())])


def _make(home: Home, account: AccountConfig, seed: int, clock: Clock) -> Any:
    make = account.channel.simulator
    if make is None:
        raise Refused(f"channel {account.channel.id!r} brings no simulator")
    rng = _chance(seed, account)
    shown = {str(sku): rng.randint(0, MOST_SHOWN) for sku in home.config.articles}
    config = SimulatorConfig(account.id, account.marketplaces, account.settings, shown, account.time_scale)
    try:
        return make(config, clock, rng)
    except ModuleNotFoundError as missing:
        raise lacking(missing) from missing


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
        finally:
            await close(runtimes.values())

    if not any(trade.demand.values()):
        return served.begin_faults()
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
