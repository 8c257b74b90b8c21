"""`status`: is everything up to date, and if not, where?"""

from datetime import datetime

import click
from attrs import field, frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.monitor.daemons import daemon_statuses, render_daemons
from entrepot.cli.show import Times, answer, as_format, counted, table
from entrepot.model import AccountId, Fulfillment, Publish
from entrepot.store import Tx
from entrepot.store.records import AccountRow, OfferRow, StreamRow


@frozen
class FailingStream:
    """A stream whose last call failed; it is tried on."""

    stream: str
    since: datetime | None
    failures: int
    error: str | None


@frozen
class AccountStatus:
    """`orders_known_until` is channel time: every change up to it is stored."""

    account: AccountId
    channel: str
    publish: Publish
    state: str
    orders: int = 0
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
    document = {"accounts": accounts, "daemons": daemons, "problems": problems}

    def render(console: Console) -> None:
        _render(console, accounts, times)
        console.print()
        render_daemons(console, daemons, times)
        console.print(f"{counted(problems, 'problem')} open: entrepot problems" if problems else "No open problems.")

    answer(document, form, render)


def account_statuses(tx: Tx, home: Home, now: datetime) -> list[AccountStatus]:
    """Every account of the store, then those that plugins.toml names and no daemon has seen yet."""
    rows = tx.accounts.all()
    known = {row.id for row in rows}
    new = [account for account in home.config.accounts.values() if account.id not in known]
    return [
        *(_status(tx, row, now) for row in rows),
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


def _status(tx: Tx, row: AccountRow, now: datetime) -> AccountStatus:
    stored = {account: (orders, newest) for account, orders, newest in tx.orders.counts()}
    orders, newest = stored.get(row.id, (0, None))
    today = f"{now:%Y-%m-%d}"
    return AccountStatus(
        account=row.id,
        channel=row.channel,
        publish=row.publish,
        state=account_state(row)[0],
        orders=orders,
        newest_change=newest,
        orders_known_until=tx.streams.orders_known_until(row.id),
        offers_not_equal=len(not_equal(tx, row.id)),
        calls_today=sum(count.made for count in tx.quota.counts() if (count.account, count.day) == (row.id, today)),
        failing=failing_streams(tx.streams.of_account(row.id)),
    )


def account_state(row: AccountRow) -> tuple[str, datetime | None]:
    """In a word, and since when where that is known. What stops more comes first."""
    stopped = {"detached": row.detached_since, "paused": row.paused_since, "parked": row.parked_since}
    return next(((state, since) for state, since in stopped.items() if since), (str(row.publish), None))


def _render(console: Console, accounts: list[AccountStatus], times: Times) -> None:
    columns = "account  >orders  newest change  known until  >lag  >offers not equal  >calls today  state"
    rows = [
        (
            one.account,
            one.orders,
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
    failing = [(one.account, stream) for one in accounts for stream in one.failing]
    if failing:
        console.print()
        rows_ = [
            (account, stream.stream, times.at(stream.since), stream.failures, stream.error)
            for account, stream in failing
        ]
        console.print(table("account  failing  since  >times  last error", rows_, wrap={"last error"}))
