"""`entrepot amazon rotate-secret`: a new client secret, before Amazon ends the present one."""

import asyncio
from types import NoneType

import click

from entrepot import channel
from entrepot_amazon_sp.authorization.tokens import authorize_application
from entrepot_amazon_sp.catalog import find
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.stores import Stores

ROTATE = "application_2023-11-30.rotateApplicationClientSecret"

QUESTION = "Amazon makes a new client secret, for this application and all of its sellers. Go on?"

FOLLOWING = """\
Amazon makes a new client secret. The present one goes on for some days: seven, says Amazon's guide.
Next:
1. Fetch the new one from the queue (SQS) that is registered for the application in the developer portal: a
   notification of type APPLICATION_OAUTH_CLIENT_NEW_SECRET holds it. Without a queue it stands in the portal.
2. Put it where client_secret is read from, and the one before where previous_client_secret is read from. Write
   today's date as client_secret_created.
3. entrepot reload where they are in files, a restart where they are in the environment. Either secret does meanwhile.
4. Take previous_client_secret out once `entrepot doctor {account}` warns of nothing."""


@click.command("rotate-secret")
@click.argument("account")
@click.confirmation_option(prompt=QUESTION)
@click.pass_obj
def rotate_secret(accounts: channel.Accounts, account: str) -> None:
    """Have Amazon make a new client secret for the application of ACCOUNT, and say how to put it in."""
    configured = accounts.configured(account, AMAZON.id)
    if configured.environment is channel.Environment.SANDBOX:
        raise click.UsageError(f"{account} is of the sandbox, whose secrets rotate in the developer portal only")
    asyncio.run(_rotate(accounts, configured))
    click.echo(FOLLOWING.format(account=account))


async def _rotate(accounts: channel.Accounts, configured: channel.ConfiguredAccount) -> None:
    """Raises ChannelError; UnknownOutcome where nobody knows whether a new secret was made."""
    operation = find(ROTATE)
    region = Stores.chosen(configured.marketplaces).region
    async with accounts.opened(configured.id, AMAZON.id) as opened:
        tokens = authorize_application(configured.settings, operation.grantless, opened.ports)
        http = opened.ports.http(region.endpoint, authorization=tokens)
        facts = channel.Writes(spends={"rotateApplicationClientSecret": 1}, batch_size=1, idempotent=False)
        await opened.call("rotate_secret", facts, lambda: http.post(operation.path, into=NoneType))
