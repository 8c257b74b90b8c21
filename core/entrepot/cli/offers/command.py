"""`offers list|diff|why|match|map|unmap`: what channels show, what we would show, and the reason for every number."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.offers.explanation import Explanation, explain, parts_of, reason, withheld
from entrepot.cli.offers.matching import map_, match
from entrepot.cli.offers.next_step import next_step
from entrepot.cli.offers.unmapping import unmap_
from entrepot.cli.offers.why import render
from entrepot.cli.show import Times, answer, as_format, counted, table
from entrepot.model import AccountId, Fulfillment, Publish
from entrepot.store import Tx
from entrepot.store.records import AccountRow, OfferRow
from entrepot.sync.catalog import is_missing


@frozen
class Difference:
    """An offer whose number on the channel is not ours. `live`: the last number read, less what was sold since."""

    account: AccountId
    offer: str
    live: int
    ours: int
    observed: int | None
    observed_at: datetime | None
    because: str


@frozen
class Comparison:
    """All offers of an account that we fulfill. `missing`: the channel shows no such offer any more."""

    account: AccountId
    publish: Publish
    offers: int
    equal: int
    lower: int
    raised: int
    unmapped: int
    never_counted: int
    missing: int
    read_at: datetime | None
    differences: Sequence[Difference]


@frozen
class Answer:
    """An explanation, and what to do."""

    explanation: Explanation
    next: str


@click.group()
def offers() -> None:
    """What the channels show."""


offers.add_command(match)
offers.add_command(map_)
offers.add_command(unmap_)


@offers.command("list")
@click.argument("account", required=False)
@as_format
@pass_home
def list_offers(home: Home, account: str | None, form: str) -> None:
    """Every offer, with our number and the channel's."""

    def work(tx: Tx) -> tuple[list[OfferRow], list[OfferRow]]:
        rows = tx.offers.all(home.stored_account(tx, account))
        return rows, [row for row in rows if is_missing(tx, row)]

    rows, missing = home.read(work)
    times = Times(home.clock.now(), home.config.time_zone)
    answer(rows, form, lambda console: _render_list(console, rows, missing, times))


@offers.command()
@click.argument("account", required=False)
@as_format
@pass_home
def diff(home: Home, account: str | None, form: str) -> None:
    """What we would publish beside what is live."""
    found = home.read(lambda tx: _compare_all(tx, home.stored_account(tx, account)))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(found, form, lambda console: _render_diffs(console, found, times))


@offers.command()
@click.argument("offer")
@click.option("--account", help="Only the offer of this account.")
@as_format
@pass_home
def why(home: Home, offer: str, account: str | None, form: str) -> None:
    """Why does OFFER show the number that it shows?"""
    now = home.clock.now()

    def work(tx: Tx) -> list[Answer]:
        wanted = home.stored_account(tx, account)
        found = [row for row in tx.offers.all(wanted) if row.external_id == offer]
        if not found:
            raise unknown("offer", offer, {row.external_id for row in tx.offers.all(wanted)})
        explained = [explain(tx, row) for row in found]
        return [Answer(one, next_step(one, now)) for one in explained]

    answers = home.read(work)
    times = Times(now, home.config.time_zone)
    answer(answers, form, lambda console: _render_answers(console, answers, times))


def _compare_all(tx: Tx, wanted: AccountId | None) -> list[Comparison]:
    accounts = [account for account in tx.accounts.all() if wanted in {None, account.id}]
    return [_compare(tx, account) for account in accounts]


def _compare(tx: Tx, account: AccountRow) -> Comparison:
    ours = [row for row in tx.offers.all(account.id) if row.fulfillment is Fulfillment.MERCHANT]
    missing = {row.external_id for row in ours if is_missing(tx, row)}
    kinds = Counter("missing" if row.external_id in missing else _kind(row) for row in ours)
    present = [row for row in ours if row.external_id not in missing]
    differing = [row for row in present if row.desired is not None and row.desired != row.believed]
    return Comparison(
        account=account.id,
        publish=account.publish,
        offers=len(ours),
        equal=kinds["equal"],
        lower=kinds["lower"],
        raised=kinds["raise"],
        unmapped=kinds["unmapped"],
        never_counted=kinds["never counted"],
        missing=kinds["missing"],
        read_at=min((row.observed_at for row in ours if row.observed_at), default=None),
        differences=[_difference(tx, row) for row in differing],
    )


def _kind(row: OfferRow) -> str:
    if row.bundle_version is None:
        return "unmapped"
    if row.desired is None:
        return "never counted"
    if row.desired == row.believed:
        return "equal"
    return "lower" if row.desired < row.believed else "raise"


def _difference(tx: Tx, row: OfferRow) -> Difference:
    parts = parts_of(tx, row)
    because = "; ".join(filter(None, [reason(parts), withheld(row, parts)]))
    return Difference(
        row.account, row.external_id, row.believed, row.desired or 0, row.observed, row.observed_at, because
    )


def _render_list(console: Console, rows: Sequence[OfferRow], missing: Sequence[OfferRow], times: Times) -> None:
    if not rows:
        console.print("No channel has shown an offer yet. Next: entrepot sync ACCOUNT")
        return
    cells = [
        (
            row.account,
            row.external_id,
            row.desired,
            row.believed,
            row.effective,
            times.at(row.effective_at),
            "not on the channel" if row in missing else _state(row),
        )
        for row in rows
    ]
    console.print(table("account  offer  >ours  >live  >proved  at  state", cells))


def _state(row: OfferRow) -> str:
    if row.fulfillment is Fulfillment.CHANNEL:
        return "held and sent by the channel"
    kind = _kind(row)
    if kind == "equal" and row.sent_version > row.effective_version:
        return "sent, not read back yet"
    if row.rejected_version == row.desired_version and row.desired_version:
        return "refused by the channel"
    if row.publish is not Publish.LIVE and kind in {"lower", "raise"}:
        return f'a rule says publish = "{row.publish}"'
    return {"lower": "to be lowered", "raise": "to be raised"}.get(kind, kind)


def _render_diffs(console: Console, found: Sequence[Comparison], times: Times) -> None:
    if not found:
        console.print("No account was started yet. Next: entrepot sync ACCOUNT")
    for place, one in enumerate(found):
        if place:
            console.print()
        _render_diff(console, one, times)


def _render_diff(console: Console, one: Comparison, times: Times) -> None:
    read = f"; live quantities read at {times.at(one.read_at)} or later" if one.read_at else ""
    console.print(f'{one.account}: {counted(one.offers, "offer")} that we fulfill{read}; publish = "{one.publish}"')
    will = "will" if one.publish is Publish.LIVE else "would"
    parts = [f"equal {one.equal}", f"{will} lower {one.lower}", f"{will} raise {one.raised}"]
    parts += [f"unmapped {one.unmapped}"] if one.unmapped else []
    parts += [f"never counted {one.never_counted}"] if one.never_counted else []
    parts += [f"not on the channel {one.missing}: entrepot problems"] if one.missing else []
    console.print("   ".join(parts))
    if one.differences:
        rows = [(each.offer, each.live, each.ours, each.because) for each in one.differences]
        console.print(table("offer  >live  >ours  because", rows, wrap={"because"}))
    if one.never_counted:
        console.print("Nothing is published of what was never counted. Next: entrepot stock count SKU UNITS")
    if one.publish is not Publish.LIVE and one.lower + one.raised:
        console.print('Next: publish = "live" in plugins.toml, then: entrepot reload, or entrepot run')
    elif one.lower + one.raised:
        console.print("They are sent while entrepot run runs. Why one is not: entrepot offers why OFFER")


def _render_answers(console: Console, answers: Sequence[Answer], times: Times) -> None:
    for place, one in enumerate(answers):
        if place:
            console.print()
        render(console, one.explanation, times)
        console.print(one.next)
