"""`offers unmap`: undo what `offers map` said."""

from collections.abc import Mapping

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.exits import Refused
from entrepot.cli.offers.matching import refuse_stated
from entrepot.cli.show import answer, as_format
from entrepot.model import AccountId, Sku
from entrepot.store import Tx
from entrepot.sync.mapping import unmap


@frozen
class Unmapping:
    """`before`: what the offer took. `now`: what it takes by its name; empty where nothing is wished of it any more.

    `forgotten`: the channel never had such an offer, so no trace of it is kept.
    """

    account: AccountId
    offer: str
    before: Mapping[Sku, int]
    now: Mapping[Sku, int]
    forgotten: bool


@click.command("unmap")
@click.argument("account")
@click.argument("offer")
@as_format
@pass_home
def unmap_(home: Home, account: str, offer: str, form: str) -> None:
    """Undo `offers map`: OFFER takes what an article of its name says, or nothing, and then nothing is sent.

    Orders that are taken in already keep the articles that they took; later ones wait until it is mapped.
    """
    refuse_stated(home, account, offer)
    undone = home.write(lambda tx: _unmap(tx, home, account, offer))
    answer(undone, form, lambda console: _render(console, undone))


def _unmap(tx: Tx, home: Home, account: str, offer: str) -> Unmapping:
    configured = home.account(account)
    row, found = tx.accounts.find(configured.id), tx.offers.find(configured.id, offer)
    if row is None or found is None:
        raise unknown(f"offer of {account}", offer, (one.external_id for one in tx.offers.all(configured.id)))
    if found.bundle_version is None:
        raise Refused(f"{offer} of {account} is not mapped. Next: entrepot offers map {account} {offer} SKU")
    before = tx.offers.bundle(row.id, offer, found.bundle_version).parts
    by_name = unmap(tx, row, configured.channel, found, home.clock.now())
    forgotten = tx.offers.find(row.id, offer) is None
    return Unmapping(row.id, offer, before, by_name.parts if by_name else {}, forgotten)


def _render(console: Console, undone: Unmapping) -> None:
    where = f"{undone.offer} on {undone.account}"
    if undone.now == undone.before:
        console.print(f"Nothing changed: {where} bears the name of an article, which maps it by itself.")
        console.print('Next: to send nothing for it, a rule with publish = "off"')
    elif undone.now:
        console.print(f"{where} takes 1 of {undone.offer}, the article of its name.")
    elif undone.forgotten:
        console.print(f"{where} is forgotten: the channel never had it.")
    else:
        console.print(f"{where} is unmapped; nothing is sent for it, and new orders of it wait.")
