"""`try ACCOUNT OPERATION`: one call of a read operation, what it maps to, and what the store would make of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click
import orjson
from attrs import frozen
from rich.console import Console

from entrepot.channel import (
    CAPABILITIES,
    ChannelType,
    Check,
    DescribeAccount,
    FetchOrder,
    FetchOrders,
    FetchStock,
    FindBulk,
    Json,
    PollBulk,
    Reads,
    RecordPage,
)
from entrepot.cli.asking import ask, connected, used_up
from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.exits import Guarded, Refused
from entrepot.cli.show import NOTHING, answer, as_format, counted, span, table, to_json
from entrepot.cli.trying.would import Would, WouldShow, would_store
from entrepot.config import AccountConfig
from entrepot.model import Window
from entrepot.store import Store
from entrepot.sync.records import map_records
from entrepot.sync.runtime import Runtime

LOOKS_BACK = timedelta(days=1)

SHOWN = 3
"""Records in the table; JSON has all of the page."""


@frozen
class Tried:
    """`raw` without personal data; `mapped` is None where the record was refused, for `reason`."""

    raw: Json
    mapped: Any
    reason: str


@frozen
class Trial:
    """One answer. `result` is that of an operation without records; `would` what a daemon would have stored."""

    account: str
    operation: str
    request: Any
    requests_sent: int
    result: Any
    records: Sequence[Tried]
    next_cursor: str | None
    would: Would | None


@frozen
class Asking:
    """What the requests are made of. `without`: data sets that the channel refused, which a daemon leaves out too."""

    runtime: Runtime
    ids: tuple[str, ...]
    now: datetime
    without: tuple[str, ...]

    def some(self, what: str) -> tuple[str, ...]:
        if not self.ids:
            raise Refused(f"of which {what}? Next: --id {what.upper().replace(' ', '_')}")
        return self.ids

    def window(self) -> Window:
        end = self.now - self.runtime.pace.scaled(settle_lag(self.runtime.channel, "fetch_orders"))
        return Window(end - LOOKS_BACK, end)


REQUESTS: Mapping[str, Callable[[Asking], Any]] = {
    "check": lambda _: Check(),
    "describe_account": lambda _: DescribeAccount(),
    "fetch_orders": lambda asking: FetchOrders(
        asking.window(),
        _page_size(asking.runtime, "fetch_orders"),
        marketplaces=asking.runtime.marketplaces,
        without=asking.without,
    ),
    "fetch_order": lambda asking: FetchOrder(asking.some("order"), asking.without),
    "fetch_stock": lambda asking: FetchStock(asking.some("offer"), marketplaces=asking.runtime.marketplaces),
    "poll_bulk": lambda asking: PollBulk(asking.some("job")[0]),
    "find_bulk": lambda asking: FindBulk(asking.now - LOOKS_BACK, asking.some("attempt")[0]),
}
"""The first page only, of the last day."""

WRITES = {name for capability in CAPABILITIES for name in capability.operations if name not in REQUESTS}


@click.command("try")
@click.argument("account")
@click.argument("operation")
@click.option("--id", "ids", multiple=True, help="Of an order, offer, job or attempt; may be given several times.")
@as_format
@pass_home
def try_(home: Home, account: str, operation: str, ids: tuple[str, ...], form: str) -> None:
    """Make one call of a read OPERATION: what came, what it maps to, and what would be stored. Nothing is.

    OPERATION is check, describe_account, fetch_orders (the first page of the last day), fetch_order, fetch_stock,
    poll_bulk or find_bulk. Personal data is cut out of what is shown. The call is counted like any other.
    """
    configured = home.account(account)
    if operation in WRITES:
        raise Guarded(f"{operation} changes something on the channel; try only reads. Next: entrepot offers why OFFER")
    if operation not in REQUESTS:
        raise unknown("operation", operation, REQUESTS)
    trial = asyncio.run(_try(home, configured, operation, ids))
    answer(trial, form, lambda console: _render(console, trial, settle_lag(configured.channel, operation)))


async def _try(home: Home, account: AccountConfig, operation: str, ids: tuple[str, ...]) -> Trial:
    async with home.store(make=True) as store, connected(home, store, account) as runtime:
        if not hasattr(runtime.bound.connector, operation):
            raise Refused(
                f"channel {account.channel.id} has no {operation}. Next: entrepot plugins show {account.channel.id}"
            )
        row = await store.read(lambda tx: tx.accounts.find(account.id))
        now = home.clock.now() + timedelta(seconds=row.clock_offset if row else 0)
        asking = Asking(runtime, ids, now, row.withheld.asked_without if row else ())
        request = REQUESTS[operation](asking)
        return await _call(home, store, runtime, operation, request)


async def _call(home: Home, store: Store, runtime: Runtime, operation: str, request: Any) -> Trial:
    """Raises ChannelError, and Refused where the allowance is used up."""
    work = getattr(runtime.bound.connector, operation)
    called = await ask(store, runtime, operation, lambda: work(request), home.clock)
    if isinstance(called, datetime):
        raise Refused(used_up(home, operation, called))
    if called.error is not None:
        raise called.error
    page = called.result if isinstance(called.result, RecordPage) else None
    records = map_records(runtime.channel, page.kind, page.records) if page else []
    return Trial(
        account=runtime.id,
        operation=operation,
        request=request,
        requests_sent=called.granted.requests,
        result=None if page else called.result,
        records=[Tried(orjson.loads(one.body), one.value, one.reason) for one in records],
        next_cursor=page.next_cursor if page else None,
        would=await would_store(home, store, runtime, page.kind, records) if page else None,
    )


def _page_size(runtime: Runtime, operation: str) -> int:
    facts = runtime.channel.operations[operation]
    return facts.page_size if isinstance(facts, Reads) else 1


def settle_lag(channel: ChannelType, operation: str) -> timedelta:
    """For how long a change may be missing in the answer."""
    facts = channel.operations[operation]
    return facts.settle_lag if operation == "fetch_orders" and isinstance(facts, Reads) else timedelta()


def _render(console: Console, trial: Trial, lag: timedelta) -> None:
    sent = counted(trial.requests_sent, "request")
    console.print(f"{trial.operation} of {trial.account}, {sent}: {to_json(trial.request, indent=False)}")
    if trial.would is None:
        console.print(to_json(trial.result))
        return
    more = "; more pages follow" if trial.next_cursor else ""
    console.print(f"{counted(len(trial.records), 'record')}{more}")
    for number, one in enumerate(trial.records[:SHOWN], 1):
        console.print(f"\nrecord {number}, as it came without personal data:\n{to_json(one.raw)}")
        console.print(f"refused: {one.reason}" if one.mapped is None else f"mapped:\n{to_json(one.mapped)}")
    if len(trial.records) > SHOWN:
        console.print(f"\n{len(trial.records) - SHOWN} more: --format json")
    console.print()
    if trial.records:
        _render_would(console, trial.would)
    else:
        console.print("Nothing came, so nothing would change.")
        if lag:
            console.print(f"A change may take {span(lag)} to come into the list (`settle_lag` of the channel).")


def _render_would(console: Console, would: Would) -> None:
    if would.is_empty:
        console.print("Nothing would change: all of it is stored already.")
        return
    console.print("What a daemon would store of it:")
    rows = [(f"event {one.name}", one.subject, to_json(one.details, indent=False)) for one in would.events]
    rows += [
        ("stock", f"{one.sku} at {one.location}", f"reserved {one.reserved:+}, on hand {one.on_hand:+}")
        for one in would.stock
    ]
    rows += [("offer", one.offer, _numbers(one)) for one in would.offers]
    rows += [("refused", str(would.refused), "records, as dead letters")] if would.refused else []
    console.print(table("what  of  is", rows, wrap={"is"}))
    console.print("Nothing was stored.")


def _numbers(one: WouldShow) -> str:
    return f"shows {one.shown}, ours {NOTHING if one.ours is None else one.ours}"
