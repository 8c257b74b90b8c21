"""A seller's day, step by step: what a client is asked to do, and how the simulator's truth shows that it is done."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from attrs import frozen

from entrepot.channel import Json
from entrepot.runtime import SystemClock
from judges.clients import Driven
from judges.simulated import CUP, POT, SETTINGS, STORE, TEA, Account

LONG_AGO = "2026-01-01T00:00:00Z"
PATIENCE, LOOK = 20.0, 0.1
"""Seconds that a step may wait for Amazon, and between two looks."""

QUANTITIES = {"patch": 21, "put": 22, "feed": 23}
"""That the steps set: each leaves another one."""

LISTINGS_FEED, FEED_TYPE = "JSON_LISTINGS_FEED", "application/json; charset=UTF-8"
ORDER_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
NOTIFICATION, QUEUE = "ORDER_CHANGE", "arn:aws:sqs:eu-west-1:123456789012:judge"


class NotDone(Exception):  # noqa: N818 - a verdict
    """Why a step is not done."""


class NotOffered(NotDone):
    """The client has nothing for it."""


@frozen
class Day:
    account: Account
    driven: Driven

    def ask(self, step: str, **given: Json) -> Any:
        """What the client answers. Raises NotDone."""
        told = self.driven.ask({"step": step, "given": given})
        if "answer" in told:
            return told["answer"]
        if "not_offered" in told:
            raise NotOffered("not offered")
        raise NotDone(f"refused: {told['refused']}" if "refused" in told else f"its own {told['raised']}")

    def wait(self, step: str, **given: Json) -> Any:
        """Ask until the work is DONE. Raises NotDone for another end."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            told = self.ask(step, **given)
            if told["status"] == "DONE":
                return told
            _expect(told["status"] in {"IN_QUEUE", "IN_PROGRESS"}, f"{step} ended {told['status']}")
            time.sleep(LOOK)
        raise NotDone(f"{step} did not end")

    def becomes(self, sku: str, quantity: int) -> None:
        """Raises NotDone unless the offer shows the quantity soon."""
        self.until(lambda: self.account.truth("stock").get(sku) == quantity, f"{sku} does not show {quantity}")

    def until(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Raises NotDone unless it holds soon."""
        end = time.monotonic() + PATIENCE
        while not holds():
            _expect(time.monotonic() < end, otherwise)
            time.sleep(LOOK)


def authorize(day: Day) -> None:
    """With the account's refresh token."""
    stores = day.ask("authorize")
    _expect(STORE in stores, f"{stores} is not where the seller sells")


def consent(day: Day) -> None:
    """The refresh token that the code buys is used from now on."""
    day.ask("consent", code=day.account.consent())
    authorize(day)


def search_orders(day: Day) -> None:
    _same_orders(day, day.ask("search_orders", since=LONG_AGO, store=STORE))


def search_orders_v0(day: Day) -> None:
    _same_orders(day, day.ask("search_orders_v0", since=LONG_AGO, store=STORE))


def order_items(day: Day) -> None:
    for number, order in day.account.truth("orders").items():
        told = [[item["sku"], item["quantity"]] for item in day.ask("order_items", order=number)]
        truth = [[offer, ordered] for _, offer, ordered, *_ in order["lines"]]
        _expect(told == truth, f"the items of {number} are {truth}, not {told}")


def confirm_shipment(day: Day) -> None:
    """Of the first order that waits; it has one line."""
    orders = day.account.truth("orders")
    number = next(number for number, order in orders.items() if order["status"] == "unshipped")
    [[line, _, ordered, *_]] = orders[number]["lines"]
    day.ask("confirm_shipment", order=number, store=STORE, item=line, quantity=ordered, shipped=_instant(days_ago=0))
    status = day.account.truth("orders")[number]["status"]
    _expect(status == "shipped", f"{number} is {status}")


def patch_listing(day: Day) -> None:
    status = day.ask("patch_listing", seller=SETTINGS.seller_id, sku=TEA, store=STORE, body=_patch(QUANTITIES["patch"]))
    _expect(status == "ACCEPTED", f"told {status}")
    day.becomes(TEA, QUANTITIES["patch"])


def put_listing(day: Day) -> None:
    words = {"condition_type": [{"value": "new_new"}], "item_name": [{"value": "Pot", "language_tag": "de_DE"}]}
    body = {"productType": "PRODUCT", "requirements": "LISTING", "attributes": words | _availability(QUANTITIES["put"])}
    status = day.ask("put_listing", seller=SETTINGS.seller_id, sku=POT, store=STORE, body=body)
    _expect(status == "ACCEPTED", f"told {status}")
    day.becomes(POT, QUANTITIES["put"])


def feed(day: Day) -> None:
    message = {"messageId": 1, "sku": TEA, "operationType": "PATCH"} | _patch(QUANTITIES["feed"])
    content = json.dumps({"header": {"sellerId": SETTINGS.seller_id, "version": "2.0"}, "messages": [message]})
    document = day.ask("upload", content=content, content_type=FEED_TYPE)
    feed = day.ask("create_feed", kind=LISTINGS_FEED, store=STORE, document=document)
    ended = day.wait("feed", feed=feed)
    summary = json.loads(day.ask("feed_document", document=ended["document"]))["summary"]
    _expect(summary["messagesAccepted"] == 1, f"told {summary}")
    day.becomes(TEA, QUANTITIES["feed"])


def report(day: Day) -> None:
    number = day.ask("create_report", kind=ORDER_REPORT, store=STORE, since=_instant(days_ago=1))
    ended = day.wait("report", report=number)
    lines = day.ask("report_document", document=ended["document"]).splitlines()
    told, truth = {line.partition("\t")[0] for line in lines[1:]}, day.account.truth("orders").keys()
    _expect(told == truth, f"the report tells {len(told)} of {len(truth)} orders")


def fba_inventory(day: Day) -> None:
    told, truth = day.ask("fba_inventory", store=STORE), {CUP: day.account.truth("stock")[CUP]}
    _expect(told == truth, f"{truth} lie with Amazon, not {told}")


def notifications(day: Day) -> None:
    """A subscription that is made is told again, and what happens then is sent to it."""
    destination = day.ask("create_destination", name="judge", arn=QUEUE)
    _expect(destination in day.ask("destinations"), "the destination is not listed")
    made = day.ask("create_subscription", kind=NOTIFICATION, destination=destination)
    _expect(day.ask("subscription", kind=NOTIFICATION) == made, "another subscription is told than was made")
    confirm_shipment(day)
    day.until(lambda: _sent_to(day, made), "nothing was sent to the subscription")


STEPS: Mapping[str, Callable[[Day], None]] = {
    "authorize": authorize,
    "consent": consent,
    "search": search_orders,
    "search v0": search_orders_v0,
    "items": order_items,
    "ship": confirm_shipment,
    "patch": patch_listing,
    "put": put_listing,
    "feed": feed,
    "report": report,
    "FBA": fba_inventory,
    "notify": notifications,
}


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotDone(otherwise)


def _same_orders(day: Day, told: list[str]) -> None:
    truth = day.account.truth("orders").keys()
    _expect(len(told) == len(truth) and set(told) == truth, f"told {len(told)} of {len(truth)} orders")


def _sent_to(day: Day, subscription: str) -> bool:
    notices = day.account.truth("notifications")
    return any(notice["subscription"] == subscription and notice["sent_at"] for notice in notices)


def _instant(days_ago: int) -> str:
    moment = SystemClock().now() - timedelta(days=days_ago)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _availability(quantity: int) -> Mapping[str, Json]:
    return {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": quantity}]}


def _patch(quantity: int) -> Mapping[str, Json]:
    [(attribute, value)] = _availability(quantity).items()
    return {
        "productType": "PRODUCT",
        "patches": [{"op": "replace", "path": f"/attributes/{attribute}", "value": value}],
    }
