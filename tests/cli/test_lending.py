"""What the commands of a plugin are lent: accounts of their channel, reserved calls, and the vault."""

import asyncio
import json
from importlib.metadata import entry_points

import click
import pytest

from entrepot import channel, hookimpl, plugins
from entrepot.channel import Reads, Secret, SimulatorConfig
from entrepot.cli import context
from entrepot.plugins.discovery import GROUP
from entrepot.runtime import SystemClock, system_rng
from entrepot.vault.keys import new_key
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockSettings
from tests.cli.served import Served
from tests.cli.shop import PLUGINS, TEA
from tests.plugins.distributions import offer

LOOKS = Reads(spends={"bulk": 1})


@click.group()
def labels() -> None:
    pass


@labels.command()
@click.argument("account")
@click.pass_obj
def configured(accounts: channel.Accounts, account: str) -> None:
    found = accounts.configured(account, "mock")
    click.echo(f"{found.id} {found.environment} {found.settings.url} {found.simulator}")


@labels.command()
@click.argument("account")
@click.pass_obj
def look(accounts: channel.Accounts, account: str) -> None:
    async def looking():
        async with accounts.opened(account, "mock") as opened:
            http = opened.ports.http(
                accounts.configured(account, "mock").settings.url, bearer=Secret("a-simulated-token")
            )
            return await opened.call("look", LOOKS, lambda: http.get("/v1/account", into=dict))

    click.echo(json.dumps(asyncio.run(looking())))


@labels.command()
@click.argument("account")
@click.pass_obj
def keep(accounts: channel.Accounts, account: str) -> None:
    async def keeping():
        async with accounts.opened(account, "mock") as opened:
            before = await opened.ports.vault.get("printer")
            await opened.ports.vault.put("printer", Secret("the-printers-secret"))
            return before

    kept = asyncio.run(keeping())
    click.echo(kept.reveal() if kept else "nothing was kept")


@hookimpl
def register_commands(cli):
    cli.add_command(labels)


@pytest.fixture
def shop(folder, monkeypatch):
    """The mock channel's shop, and beside it a plugin with commands."""

    def load(enabled, **options):
        theirs = offer(monkeypatch, "labels", register_commands=register_commands)
        return plugins_load(enabled, entry_points=[*entry_points(group=GROUP), theirs], **options)

    plugins_load = plugins.load
    monkeypatch.setattr(context.plugins, "load", load)
    settings = MockSettings("http://webshop.example", Secret("a-simulated-token"))
    served = Served(MOCK.simulator(SimulatorConfig("webshop", (), settings, {TEA: 9}), SystemClock(), system_rng()))
    text = PLUGINS.replace("settings =", f'simulator = "{served.url}"\n    settings =')
    text = text.replace('mock_channel = "*"', 'mock_channel = "*"\n    labels = "*"')
    (folder / "key").write_text(new_key())
    (folder / "plugins.toml").write_text(text.replace("time_zone", 'key = "file:key"\n    time_zone'))
    yield served
    served.close()


def test_an_account_is_lent_with_its_settings(entrepot, shop):
    told = entrepot("labels", "configured", "webshop").stdout
    assert told == f"webshop simulator http://webshop.example {shop.url}\n"


def test_a_call_is_reserved_and_counted_as_the_daemons_are(entrepot, fill, shop):
    """Covers P6: a burst of five, of which one is kept back, and then it waits."""
    for _ in range(4):
        assert "permissions" in json.loads(entrepot("labels", "look", "webshop").stdout)
    told = entrepot("labels", "look", "webshop", code=3).stderr
    assert "account webshop: the allowance of look is used up; " in told
    assert shop.paths.count("/v1/account") == 4
    assert [(count.operation, count.made) for count in fill(lambda tx: tx.quota.counts())] == [("look", 4)]


def test_what_a_command_keeps_is_there_for_the_next_one(entrepot, shop, folder):
    """Covers P9."""
    assert entrepot("labels", "keep", "webshop").stdout == "nothing was kept\n"
    assert entrepot("labels", "keep", "webshop").stdout == "the-printers-secret\n"
    assert b"the-printers-secret" not in (folder / "shop.db").read_bytes()


def test_an_account_that_is_not_there_or_not_theirs_ends_the_command(entrepot, shop, folder):
    assert "there is no account webshp; nearest is webshop" in entrepot("labels", "look", "webshp", code=2).stderr
    text = (folder / "plugins.toml").read_text()
    (folder / "plugins.toml").write_text(text.replace('token = "a-simulated-token"', 'token = "env:ABSENT"'))
    assert "E107" in entrepot("labels", "look", "webshop", code=78).stderr
