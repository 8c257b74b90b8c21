"""`offers match|map`: which articles an offer is made of, where its name is none of theirs."""

from collections.abc import Collection, Sequence
from pathlib import Path

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.exits import Refused
from entrepot.cli.offers import unmapped_file
from entrepot.cli.offers.unmapped_file import Line, Unmapped
from entrepot.cli.show import answer, as_format, counted, table
from entrepot.model import AccountId, Fulfillment, Sku
from entrepot.store import Tx
from entrepot.sync.assembly import catalog
from entrepot.sync.mapping import map_by_hand
from entrepot.sync.setup import map_new_articles


@frozen
class Matched:
    """The offers of one account: by equal name, by hand or file, and neither. `file` lists the last."""

    account: AccountId
    offers: int
    same_sku: int
    by_hand: int
    unmapped: int
    held_by_channel: int
    sold_lately: int
    file: str | None


@frozen
class Mapped:
    """`version` is None where the offer was made of just these before; then nothing changed.

    `unseen`: the channel was never asked for it. It is, now; if it shows no such offer, that becomes a problem.
    """

    account: AccountId
    offer: str
    parts: dict[Sku, int]
    version: int | None
    orders_in_effect: int
    unseen: bool


@click.command()
@click.argument("account", required=False)
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="unmapped-ACCOUNT.csv with its column sku filled in: SKU, SKU=UNITS, several with ; between.",
)
@as_format
@pass_home
def match(home: Home, account: str | None, file: Path | None, form: str) -> None:
    """Match offers and articles of the same name; list the other offers, most sold first, to be filled in.

    With --file, the filled file is taken; without, those that plugins.toml names, `offers` of each account. Where a
    line cannot be used, none is.
    """
    lines = unmapped_file.read(file) if file else _configured(home, account)

    now = home.clock.now()

    def map_all(tx: Tx) -> list[AccountId]:
        tx.accounts.save_articles(catalog(home.config))
        wanted = home.stored_account(tx, account)
        _take(tx, home, lines)
        rows = [row for row in tx.accounts.all() if row.detached_since is None and wanted in {None, row.id}]
        for row in rows:
            map_new_articles(tx, row, home.account(row.id).channel, now)
        return [row.id for row in rows]

    accounts = home.write(map_all)
    left = home.read(lambda tx: unmapped_file.unmapped(tx, accounts, now))
    found = home.read(lambda tx: [_count(tx, id_, left[id_]) for id_ in accounts])
    for one in found:
        if one.file:
            unmapped_file.write(home.path.parent / one.file, left[one.account])
    answer(found, form, lambda console: _render(console, found))


@click.command("map")
@click.argument("account")
@click.argument("offer")
@click.argument("parts", metavar="SKU[=UNITS]...", nargs=-1, required=True)
@as_format
@pass_home
def map_(home: Home, account: str, offer: str, parts: tuple[str, ...], form: str) -> None:
    """From now on, one unit of OFFER takes these articles. Orders that waited for it take effect.

    A changed composition is a new version: orders that are taken in already keep the one that they came under.
    """
    refuse_stated(home, account, offer)

    def work(tx: Tx) -> Mapped:
        tx.accounts.save_articles(catalog(home.config))
        id_ = home.stored_account(tx, account)
        waiting = len(tx.orders.waiting_for(id_, offer)) if id_ else 0
        return map_line(tx, home, Line("", account, offer, parts), waiting)

    mapped = home.write(work)
    answer(mapped, form, lambda console: _render_mapped(console, mapped))


def refuse_stated(home: Home, account: str, offer: str) -> None:
    """What a file says holds again with the next start. Raises Refused."""
    if offer in home.config.bundles:
        message = f"{offer} is mapped by [skus.bundles] of {home.path.name}"
        raise Refused(f"{message}. Next: change it there, then: entrepot reload")
    file = home.account(account).offers
    for line in unmapped_file.read(file, account) if file else ():
        if line.offer == offer:
            raise Refused(f"{offer} is mapped by {line.where}. Next: change it there, then: entrepot reload")


def _configured(home: Home, account: str | None) -> list[Line]:
    """Of the accounts that were started: the others have no offers yet."""
    started = {row.id for row in home.read(lambda tx: tx.accounts.all())} if home.config.database.exists() else set()
    accounts = [one for one in home.config.accounts.values() if one.id in started and account in {None, one.id}]
    return [line for one in accounts if one.offers for line in unmapped_file.read(one.offers, one.id)]


def _take(tx: Tx, home: Home, lines: Sequence[Line]) -> None:
    """Raises Refused with every line that cannot be used; the transaction is rolled back with it."""
    refused = []
    for line in lines:
        try:
            map_line(tx, home, line, 0)
        except Refused as wrong:
            refused.append(f"  {line.where}: {wrong.message}")
    if refused:
        count = counted(len(refused), "line")
        raise Refused("\n".join([f"{count} cannot be used, so none was.", *refused]))


def map_line(tx: Tx, home: Home, line: Line, waiting: int) -> Mapped:
    """What one line says, be it of a file or of the command. Raises Refused."""
    configured = home.account(line.account)
    row = tx.accounts.find(configured.id)
    if row is None:
        raise Refused(f"{line.account} was never started. Next: entrepot sync {line.account}")
    parts = _parts(tx, line.parts)
    unseen = tx.offers.find(row.id, line.offer) is None
    bundle = map_by_hand(tx, row, configured.channel, line.offer, parts, home.clock.now())
    return Mapped(row.id, line.offer, parts, bundle.version if bundle else None, waiting if bundle else 0, unseen)


def _parts(tx: Tx, texts: Collection[str]) -> dict[Sku, int]:
    """`SKU`, or `SKU=UNITS`; a SKU that ends so itself is taken as it is. Raises Refused."""
    parts: dict[Sku, int] = {}
    for text in texts:
        name, _, units = text.rpartition("=")
        counts = bool(name) and units.isdecimal() and not tx.accounts.known_articles([text])
        sku, count = (name, int(units)) if counts else (text, 1)
        if not tx.accounts.known_articles([sku]):
            raise unknown("SKU", sku, (article for article, _, _ in tx.accounts.articles()))
        if count < 1 or Sku(sku) in parts:
            raise Refused(f"{text}: each article once, with one unit or more")
        parts[Sku(sku)] = count
    return parts


def _count(tx: Tx, account: AccountId, unmapped: Sequence[Unmapped]) -> Matched:
    rows = tx.offers.all(account)
    bundles = tx.offers.bundles(account, [row.external_id for row in rows])
    same = sum(bundle.parts == {Sku(name): 1} for name, bundle in bundles.items())
    return Matched(
        account=account,
        offers=len({row.external_id for row in rows} | {one.offer for one in unmapped}),
        same_sku=same,
        by_hand=len(bundles) - same,
        unmapped=len(unmapped),
        held_by_channel=sum(row.fulfillment is Fulfillment.CHANNEL for row in rows),
        sold_lately=sum(one.sold > 0 for one in unmapped),
        file=f"unmapped-{account}.csv" if unmapped else None,
    )


def _render(console: Console, found: Sequence[Matched]) -> None:
    if not found:
        console.print("No account was started yet. Next: entrepot sync ACCOUNT")
        return
    rows = [(one.account, one.offers, one.same_sku, one.by_hand, one.unmapped, one.held_by_channel) for one in found]
    console.print(table("account  >offers  >same SKU  >by hand  >unmapped  >held by the channel", rows))
    for one in found:
        if one.file:
            listed = f"{one.file} has {counted(one.unmapped, 'unmapped offer')}, most sold first"
            console.print(f"{listed}; sold in the last {unmapped_file.LATELY.days} days: {one.sold_lately}.")
            console.print(f'Next: fill its column "sku", then: entrepot offers match --file {one.file}')


def _render_mapped(console: Console, mapped: Mapped) -> None:
    parts = " and ".join(f"{units} of {sku}" for sku, units in mapped.parts.items())
    if mapped.version is None:
        console.print(f"Nothing changed: {mapped.offer} on {mapped.account} takes {parts} already.")
        return
    console.print(f"{mapped.offer} on {mapped.account} takes {parts} (version {mapped.version}).")
    if mapped.orders_in_effect:
        console.print(f"{counted(mapped.orders_in_effect, 'order')} that waited for it took effect.")
    if mapped.unseen:
        asking = f"by entrepot run, or by: entrepot sync {mapped.account}"
        console.print(f"{mapped.account} was never asked for it, and is now, {asking}")
    else:
        console.print(f"Next: entrepot offers why {mapped.offer} --account {mapped.account}")
