"""JSON_LISTINGS_FEED: many submissions for listings in one document, and the report on them.

By Amazon's schemas of the feed and of its processing report, version 2.0. A message for a SKU that nobody knows is
reported as accepted and does nothing, as sellers have seen it (selling-partner-api-models issue 4402).
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from entrepot.channel import Json
from entrepot.simulation import FaultPoints
from entrepot_amazon_sp.places import BY_ID
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.jobs import Job
from entrepot_amazon_sp.simulator.listings.inventory import Inventory, WithoutEffect
from entrepot_amazon_sp.simulator.listings.listing import ITEM_GROUPS, word_item
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal
from entrepot_amazon_sp.simulator.storage import Document

VERSION = "2.0"
MOST_MESSAGES = 25_000
CONTENT_TYPE = "application/json; charset=UTF-8"
LOST = 20
"""Of so many messages of a silent feed, one has no effect."""

PARTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "UPDATE": (frozenset({"productType", "attributes"}), frozenset({"requirements"})),
    "PARTIAL_UPDATE": (frozenset({"productType", "attributes"}), frozenset()),
    "PATCH": (frozenset({"productType", "patches"}), frozenset()),
    "DELETE": (frozenset(), frozenset()),
}
"""By operation: what a message must have beside its id, SKU and operation, and what it may."""

ALWAYS = frozenset({"messageId", "sku", "operationType"})

Result = tuple[str, bytes | None, str]
"""Status of the feed, its report, and the report's content type."""


class ListingsFeed:
    def __init__(self, account: Account, inventory: Inventory, faults: FaultPoints) -> None:
        self._account = account
        self._inventory = inventory
        self._faults = faults

    def process(self, feed: Job, document: Document) -> Result:
        try:
            header, messages = self._read(document)
        except ValueError as error:
            issues = [{"code": "4000000", "severity": "ERROR", "message": str(error)}]
            return "FATAL", self._report(feed, {}, [], issues), CONTENT_TYPE
        if self._faults.strikes(AmazonFault.FATAL_FEED):
            self._submit_all(feed, messages[: len(messages) // 2])
            return "FATAL", None, CONTENT_TYPE
        return "DONE", self._report(feed, header, self._submit_all(feed, messages), []), CONTENT_TYPE

    def _read(self, document: Document) -> tuple[Mapping[str, Any], list[Json]]:
        """Raises ValueError for what is no feed of this seller."""
        content = json.loads(document.text(), parse_float=Decimal)
        header, messages = _parts(content) if isinstance(content, Mapping) else ({}, [])
        if (header.get("sellerId"), header.get("version")) != (self._account.seller, VERSION):
            raise ValueError(f"The header has sellerId {self._account.seller} and version {VERSION}.")
        if not 1 <= len(messages) <= MOST_MESSAGES:
            raise ValueError(f"A feed has 1 to {MOST_MESSAGES} messages.")
        asked = header.get("report", {"includedData": []})
        if not isinstance(asked, Mapping) or not set(asked.get("includedData", ["none"])) <= ITEM_GROUPS:
            raise ValueError(f"report has includedData of {', '.join(sorted(ITEM_GROUPS))}.")
        return header, messages

    def _submit_all(self, feed: Job, messages: list[Json]) -> list[tuple[Json, list[Json]]]:
        """Each message with its issues."""
        silent, told = self._faults.strikes(AmazonFault.SILENT_FEED), []
        seen: set[int] = set()
        for number, message in enumerate(messages):
            issues = _faults_of(message, seen)
            if not issues:
                seen.add(message["messageId"])
                issues = self._submit(feed, message, silent=silent and number % LOST == 0)
            told.append((message, issues))
        return told

    def _submit(self, feed: Job, message: Mapping[str, Any], *, silent: bool) -> list[Json]:
        places = [BY_ID[id_] for id_ in feed.stores]
        sku, operation = message["sku"], message["operationType"]
        if silent or (operation != "UPDATE" and self._inventory.view(sku, places) is None):
            self._inventory.without_effect.append(WithoutEffect(feed.id, sku))
            return []
        try:
            if operation == "UPDATE":
                return self._inventory.put(sku, places, message, feed=feed.id)
            if operation == "DELETE":
                return self._inventory.delete(sku, places, feed=feed.id)
            return self._inventory.patch(sku, places, _as_patch(message), feed=feed.id)
        except AmazonRefusal as refusal:
            return [{"code": "4000000", "severity": "ERROR", "message": refusal.details or refusal.message}]

    def _report(
        self, feed: Job, header: Mapping[str, Any], told: list[tuple[Json, list[Json]]], issues: list[Json]
    ) -> bytes:
        found = [*issues, *(_word_issue(message, issue) for message, each in told for issue in each)]
        invalid = sum(bool(each) for _, each in told)
        head = {"sellerId": self._account.seller, "version": VERSION, "feedId": feed.id}
        summary: Json = {
            "errors": len(found),
            "warnings": 0,
            "messagesProcessed": len(told),
            "messagesAccepted": len(told) - invalid,
            "messagesInvalid": invalid,
        }
        report: Json = {"header": head, "issues": found, "summary": summary}
        asked = header.get("report")
        if asked:
            accepted = [message["sku"] for message, each in told if not each]
            items = self._items(feed, accepted, asked["includedData"])
            head["report"] = asked
            summary["itemSummary"] = {"items": len(items), "errors": 0, "warnings": 0}
            report["items"] = items
        return json.dumps(report, default=float).encode()

    def _items(self, feed: Job, skus: list[str], included: list[str]) -> list[Json]:
        """As they are shown when the report is written: what was just accepted is not in effect yet."""
        views = [self._inventory.view(sku, [BY_ID[id_] for id_ in feed.stores]) for sku in skus]
        return [word_item(view, included) for view in views if view is not None]


def _parts(content: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Json]]:
    """What is not there, or not of its type, is empty."""
    header, messages = content.get("header"), content.get("messages")
    return header if isinstance(header, Mapping) else {}, messages if isinstance(messages, list) else []


def _faults_of(message: Json, seen: set[int]) -> list[Json]:
    """Why a message is none, by Amazon's schema of messages."""
    if not isinstance(message, Mapping):
        return [_malformed("A message is an object.")]
    id_, sku, parts = message.get("messageId"), message.get("sku"), PARTS.get(str(message.get("operationType")))
    if type(id_) is not int or id_ < 1 or id_ in seen:
        return [_malformed("messageId is a positive number that no other message has.")]
    if not isinstance(sku, str) or not sku or parts is None:
        return [_malformed("A message has a sku and one of four operations.")]
    given = message.keys() - ALWAYS
    if not parts[0] <= given <= parts[0] | parts[1]:
        takes = ", ".join(sorted(parts[0] | parts[1])) or "nothing else"
        return [_malformed(f"{message['operationType']} takes {takes}.")]
    return []


def _malformed(text: str) -> Json:
    return {"code": "4000001", "severity": "ERROR", "message": text}


def _as_patch(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """A partial update sets each attribute that it names."""
    if message["operationType"] == "PATCH":
        return message
    attributes = message["attributes"].items()
    patches = [{"op": "replace", "path": f"/attributes/{name}", "value": value} for name, value in attributes]
    return {"productType": message["productType"], "patches": patches}


def _word_issue(message: Json, issue: Json) -> Json:
    """With message and SKU as far as the message names them."""
    given = message if isinstance(message, Mapping) else {}
    id_, sku = given.get("messageId"), given.get("sku")
    named: Json = {"messageId": id_} if type(id_) is int and id_ > 0 else {}
    named |= {"sku": sku} if isinstance(sku, str) and sku else {}
    attribute = {"attributeName": issue["attributeNames"][0]} if "attributeNames" in issue else {}
    return named | {name: issue[name] for name in ("code", "severity", "message")} | attribute
