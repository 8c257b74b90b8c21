"""`status`: is everything up to date, and if not, where?"""

from collections import Counter
from datetime import date, datetime

import click
from attrs import field, frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.monitor.daemons import daemon_statuses, render_daemons
from entrepot.cli.show import Times, answer, as_format, counted, table
from entrepot.model import AccountId, Fulfillment, Publish
from entrepot.store import Tx
from entrepot.store.records import AccountRow, OfferRow, StreamRow
from entrepot.sync.days import OrdersToday, orders_today


@frozen
class FailingStream:
    """A stream whose last call failed; it is tried on."""

    stream: str
    since: datetime | None
    failures: int
    error: str | None


@frozen
class AccountStatus:
    """`orders_known_until` is channel time: every change up to it is stored.

    `today`: by marketplace, each with its own day. `calls_today`: on the day of [entrepot] time_zone.
    """

    account: AccountId
    channel: str
    publish: Publish
    state: str
    orders: int = 0
    today: list[OrdersToday] = field(factory=list)
    newest_change: datetime | None = None
    orders_known_until: datetime | None = None
    offers_not_equal: int = 0
    calls_today: int = 0
    failing: list[FailingStream] = field(factory=list)


@click.command()
@as_format
@pass_home
def status(home: Home, form: str) -> None:
    """How far every account is, what fails, and which daemons run."""
    now = home.clock.now()
    accounts, daemons, problems = home.read(
        lambda tx: (account_statuses(tx, home, now), daemon_statuses(tx, now), len(tx.problems.all()))
    )
    times = Times(now, home.config.time_zone)
    document = {"accounts": accounts, "daemons": daemons, "problems": problems, "time_zone": times.zone.key}

    def render(console: Console) -> None:
        _render(console, accounts, times)
        render_daemons(console, daemons, times)
        console.print(f"{counted(problems, 'problem')} open: entrepot problems" if problems else "No open problems.")

    answer(document, form, render)


def account_statuses(tx: Tx, home: Home, now: datetime) -> list[AccountStatus]:
    """Every account of the store, then those that plugins.toml names and no daemon has seen yet."""
    rows = tx.accounts.all()
    known = {row.id for row in rows}
    orders = {account: (number, newest) for account, number, newest in tx.orders.counts()}
    calls = _calls_today(tx, home.config.timetable.today(now))
    new = [account for account in home.config.accounts.values() if account.id not in known]
    return [
        *(_status(tx, row, orders.get(row.id, (0, None)), calls[row.id], now) for row in rows),
        *(AccountStatus(account.id, account.channel.id, account.publish, "not started yet") for account in new),
    ]


def failing_streams(streams: list[StreamRow]) -> list[FailingStream]:
    return [
        FailingStream(stream.kind, stream.failing_since, stream.failures, stream.last_error)
        for stream in streams
        if stream.failures
    ]


def not_equal(tx: Tx, account: AccountId) -> list[OfferRow]:
    """Offers that we fulfill and whose number on the channel is not ours."""
    ours = (offer for offer in tx.offers.all(account) if offer.fulfillment is Fulfillment.MERCHANT)
    return [offer for offer in ours if offer.desired is not None and offer.desired != offer.believed]


def _calls_today(tx: Tx, today: date) -> Counter[AccountId]:
    calls = Counter[AccountId]()
    for count in tx.quota.counts():
        calls[count.account] += count.made if count.day == today.isoformat() else 0
    return calls


def _status(tx: Tx, row: AccountRow, stored: tuple[int, datetime | None], calls: int, now: datetime) -> AccountStatus:
    orders, newest = stored
    return AccountStatus(
        account=row.id,
        channel=row.channel,
        publish=row.publish,
        state=account_state(row)[0],
        orders=orders,
        today=orders_today(tx, row, now),
        newest_change=newest,
        orders_known_until=tx.streams.orders_known_until(row.id),
        offers_not_equal=len(not_equal(tx, row.id)),
        calls_today=calls,
        failing=failing_streams(tx.streams.of_account(row.id)),
    )


def account_state(row: AccountRow) -> tuple[str, datetime | None]:
    """In a word, and since when where that is known. What stops more comes first."""
    stopped = {"detached": row.detached_since, "paused": row.paused_since, "parked": row.parked_since}
    return next(((state, since) for state, since in stopped.items() if since), (str(row.publish), None))


def _days(accounts: list[AccountStatus], times: Times) -> str:
    """Whose day today is: the borders of days differ, and with them the numbers."""
    zones = sorted({place.time_zone for one in accounts for place in one.today})
    orders = f"Orders of today are those of each marketplace's own day ({', '.join(zones)}), c" if zones else "C"
    return f"{orders}alls those of the day in {times.zone.key}."


def _render(console: Console, accounts: list[AccountStatus], times: Times) -> None:
    columns = "account  >orders  >today  newest change  known until  >lag  >offers not equal  >calls today  state"
    rows = [
        (
            one.account,
            one.orders,
            sum(place.orders for place in one.today) if one.today else None,
            times.at(one.newest_change),
            times.at(one.orders_known_until),
            times.ago(one.orders_known_until),
            one.offers_not_equal,
            one.calls_today,
            one.state,
        )
        for one in accounts
    ]
    console.print(table(columns, rows))
    console.print("\n" + _days(accounts, times), soft_wrap=True)
    failing = [(one.account, stream) for one in accounts for stream in one.failing]
    if failing:
        console.print()
        rows_ = [
            (account, stream.stream, times.at(stream.since), stream.failures, stream.error)
            for account, stream in failing
        ]
        console.print(table("account  failing  since  >times  last error", rows_, wrap={"last error"}))
