"""`entrepot amazon authorize`: a seller's consent in the browser, kept in the vault."""

import asyncio
import os
import webbrowser
from collections.abc import Callable, Iterator
from functools import partial

import click

from entrepot import channel
from entrepot.errors import ConfigError, Fault
from entrepot.runtime import Clock
from entrepot_amazon_sp.authorization import Consent, States, consent_url, read_callback
from entrepot_amazon_sp.authorization.ages import CONSENTED_AT
from entrepot_amazon_sp.authorization.tokens import exchange
from entrepot_amazon_sp.commands.callback_server import HOST, Address, address_of, receive
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_amazon_sp.stores import Stores


@click.command()
@click.argument("account")
@click.option("--paste", is_flag=True, help="Listen nowhere: ask for the address to which the browser was sent.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help=f"Listen on this port of {HOST}, to which the host of redirect_uri forwards.",
)
@click.option("--draft", is_flag=True, help="The application is not published yet.")
@click.option("--browser", is_flag=True, help="Open the address in this machine's browser.")
@click.pass_obj
def authorize(
    accounts: channel.Accounts, account: str, *, paste: bool, port: int | None, draft: bool, browser: bool
) -> None:
    """Ask the seller of ACCOUNT to consent, and keep what the consent brings.

    One consent is good for all stores of the account's region. A running daemon uses it from its next token on.
    """
    configured = accounts.configured(account, AMAZON.id)
    settings: AmazonSettings = configured.settings
    _check(account, settings)
    states = States(asyncio.run(_prepare(accounts, account)))
    _show(_url(configured, states, draft=draft), settings.seller_id, browser=browser)
    read = partial(read_callback, states=states, owner=account, seller_id=settings.seller_id)
    address = None if paste else address_of(settings.redirect_uri, port)
    consent = _paste(settings.redirect_uri, read) if address is None else _listen(address, read)
    asyncio.run(_keep(accounts, account, consent))
    click.echo(f"The consent of {settings.seller_id} for region {_stores(configured).region.name} is kept.")
    click.echo(f"Next: entrepot doctor {account}")


def _check(account: str, settings: AmazonSettings) -> None:
    """Raises ConfigError with all that stands in the way."""
    faults = list(_faults(f"accounts.{account}.settings", account, settings))
    if faults:
        raise ConfigError(faults)


def _faults(table: str, account: str, settings: AmazonSettings) -> Iterator[Fault]:
    if not settings.application_id:
        action = 'write the application\'s id of the developer portal, as "amzn1.sp.solution..."'
        yield Fault(
            "E114", f"{table}.application_id", "a consent is given to an application, and none is named", action
        )
    if not settings.redirect_uri:
        action = "write the OAuth redirect URI that the application has in the developer portal"
        yield Fault(
            "E114", f"{table}.redirect_uri", "Amazon must send the browser somewhere, and it is not said", action
        )
    if settings.refresh_token is not None:
        action = f"take it out, then: entrepot amazon authorize {account}"
        message = "a refresh token that is written here wins over the one that a consent brings"
        yield Fault("E114", f"{table}.refresh_token", message, action)


async def _prepare(accounts: channel.Accounts, account: str) -> Clock:
    """Nobody is sent to Amazon for a consent that could not be kept: raises AuthError where there is no key."""
    async with accounts.opened(account, AMAZON.id) as opened:
        await opened.ports.vault.get(CONSENTED_AT)
        return opened.ports.clock


def _url(configured: channel.ConfiguredAccount, states: States, *, draft: bool) -> str:
    """At the simulator, where the account has one: no browser would find it behind Amazon's address."""
    settings: AmazonSettings = configured.settings
    seller_central = configured.simulator or _stores(configured).places[0].seller_central
    state = states.begin(configured.id)
    return consent_url(seller_central, settings.application_id, state, redirect_uri=settings.redirect_uri, draft=draft)


def _show(url: str, seller_id: str, *, browser: bool) -> None:
    click.echo(f"Open this where you are signed in to Seller Central as {seller_id}, and consent within ten minutes:")
    click.echo(f"\n{url}\n")
    if browser and not webbrowser.open(url):
        click.echo("This machine has no browser that can be opened.", err=True)


def _paste(redirect_uri: str, read: Callable[[str], Consent]) -> Consent:
    """Raises ConsentError."""
    click.echo(f"The browser is sent to {redirect_uri}; it does not matter what it shows there.")
    return read(click.prompt("Paste the whole address from its address bar (it is not shown)", hide_input=True).strip())


def _listen(address: Address, read: Callable[[str], Consent]) -> Consent:
    """Raises ConsentError."""

    def listening() -> None:
        click.echo(f"Waiting for Amazon's answer at http://{HOST}:{address.port}{address.path}")

    try:
        return asyncio.run(receive(address, read, listening))
    except OSError as taken:
        reason = os.strerror(taken.errno or 0)
        raise click.UsageError(
            f"port {address.port} cannot be used: {reason}. Next: free it, or use --port or --paste"
        ) from None


async def _keep(accounts: channel.Accounts, account: str, consent: Consent) -> None:
    """Raises ChannelError where the code cannot be exchanged."""
    async with accounts.opened(account, AMAZON.id) as opened:
        ports = opened.ports
        settings: AmazonSettings = accounts.configured(account, AMAZON.id).settings
        await ports.vault.put(channel.REFRESH_TOKEN, await exchange(consent, settings, ports))
        await ports.vault.put(CONSENTED_AT, channel.Secret(ports.clock.now().isoformat()))


def _stores(configured: channel.ConfiguredAccount) -> Stores:
    return Stores.chosen(configured.marketplaces)
