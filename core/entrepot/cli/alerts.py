"""`alerts test`: does a message arrive? And the receivers of plugins.toml, as the daemon uses them."""

import asyncio
import hashlib
from urllib.parse import urlsplit

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Refused
from entrepot.cli.show import answer, as_format, table
from entrepot.config import AlertConfig, Config
from entrepot.errors import ConfigError
from entrepot.http.client import Client
from entrepot.sync.alert_delivery import Mailbox, UndeliveredError, WebhookReceiver
from entrepot.sync.alert_message import Message, trial
from entrepot.sync.alerting import Alert
from entrepot.sync.assembly import USER_AGENT


@frozen
class AlertDelivery:
    """`error` is None where the receiver took the message."""

    alert: str
    error: str | None


@click.group()
def alerts() -> None:
    """Who is told of problems."""


@alerts.command("test")
@as_format
@pass_home
@click.pass_context
def send_test(ctx: click.Context, home: Home, form: str) -> None:
    """Send one test message to every receiver of plugins.toml."""
    if not home.config.alerts:
        raise Refused("plugins.toml has no [[alerts]]. Next: docs/how-to/alerts.md")
    if home.config.missing:
        raise ConfigError(home.config.missing)
    deliveries = asyncio.run(_try_all(home))
    answer(deliveries, form, lambda console: _render(console, deliveries))
    ctx.exit(Exit.UNREACHABLE if any(one.error for one in deliveries) else Exit.FINE)


def receivers(home: Home, client: Client) -> list[Alert]:
    """Those of plugins.toml. `client` posts to webhooks and is the caller's to close."""
    return [_alert(home, one, client) for one in home.config.alerts]


def new_client(home: Home) -> Client:
    return Client(None, home.clock, USER_AGENT)


def name_of(alert: AlertConfig) -> str:
    """Permanent as long as the address is, and says no more of it than its host: a path may be a permission."""
    digest = hashlib.sha256(alert.to.encode()).hexdigest()[:8]
    host = "mail" if alert.to.startswith("mailto:") else urlsplit(alert.to).hostname
    return f"alert/{host}/{digest}"


def _alert(home: Home, config: AlertConfig, client: Client) -> Alert:
    return Alert(name_of(config), config.problems, _way(home.config, config, client).send, home.redactor.text)


def _way(config: Config, alert: AlertConfig, client: Client) -> Mailbox | WebhookReceiver:
    if alert.secret is not None:
        return WebhookReceiver(client, alert.to, alert.secret)
    if config.mail is None:
        msg = f"{name_of(alert)} has neither a secret nor a mail server"
        raise TypeError(msg)
    return Mailbox(config.mail, alert.to.removeprefix("mailto:"))


async def _try_all(home: Home) -> list[AlertDelivery]:
    client, message = new_client(home), trial(home.clock.now())
    try:
        return [await _try(one, message) for one in receivers(home, client)]
    finally:
        await client.aclose()


async def _try(alert: Alert, message: Message) -> AlertDelivery:
    try:
        await alert.send(message)
    except UndeliveredError as error:
        return AlertDelivery(alert.name, str(error))
    return AlertDelivery(alert.name, None)


def _render(console: Console, deliveries: list[AlertDelivery]) -> None:
    rows = [(one.alert, "not sent" if one.error else "sent", one.error or "") for one in deliveries]
    console.print(table("receiver  result  ", rows, wrap={""}))
