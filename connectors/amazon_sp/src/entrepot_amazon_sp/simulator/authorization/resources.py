"""What restricted data tokens open, and who may have one. From the model of the Tokens API and its use case guide.

The words of the refusals are those of public reports.
"""

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen

from entrepot.channel import Json
from entrepot_amazon_sp.catalog import Operation
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal
from entrepot_amazon_sp.simulator.unsimulated import operation_at, pattern_of

MOST = 50
METHODS = frozenset({"GET", "PUT", "POST", "DELETE"})

BUYER, ADDRESS, TAX = "buyerInfo", "shippingAddress", "buyerTaxInformation"
"""Data elements."""

ROLES: Mapping[str, str] = {BUYER: "BUYER", ADDRESS: "RECIPIENT", TAX: "BUYER"}
"""The data set of the Orders API 2026-01-01 that needs the same role (a guess)."""

TOLD: Mapping[str, frozenset[str]] = {
    "ordersV0.getOrderAddress": frozenset({ADDRESS}),
    "ordersV0.getOrderBuyerInfo": frozenset({BUYER}),
    "ordersV0.getOrderItemsBuyerInfo": frozenset({BUYER}),
}
"""Operations whose data elements are not chosen."""

ONE_AT_A_TIME = "reports_2021-06-30.getReportDocument"
"""Not by a generic path."""


@frozen
class Resource:
    """`path` is that of one object, or of all of them with `{orderId}` for its number."""

    method: str
    path: str
    elements: frozenset[str]

    def is_at(self, method: str, path: str) -> bool:
        return method == self.method and pattern_of(self.path).fullmatch(path) is not None


def read_resources(body: Json, granted: Collection[str]) -> tuple[Resource, ...]:
    """What a request asks a token for. Raises AmazonRefusal, also where the application lacks a role for it."""
    listed = body.get("restrictedResources") if isinstance(body, Mapping) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        raise _malformed()
    return tuple(_resource(entry, granted) for entry in listed)


def _resource(entry: Json, granted: Collection[str]) -> Resource:
    method, path, named = _words(entry)
    operation = operation_at(method, path)
    if operation is None or not operation.restricted or (operation.id == ONE_AT_A_TIME and "{" in path):
        raise _no_access()
    if bool(named) != bool(operation.data_elements) or not set(named) <= set(operation.data_elements):
        raise _no_access()
    return Resource(method, path, _permitted(operation, named, granted))


def _permitted(operation: Operation, named: list[str], granted: Collection[str]) -> frozenset[str]:
    lacking = [element for element in named if ROLES[element] not in granted]
    if lacking:
        message = "Application does not have access to one or more requested data elements"
        raise AmazonRefusal(400, f"{message}: [{', '.join(lacking)}]")
    told = TOLD.get(operation.id, frozenset())
    if any(ROLES[element] not in granted for element in told):
        raise _no_access()
    return told | set(named)


def _words(entry: Json) -> tuple[str, str, list[str]]:
    """Method, path and data elements. Raises AmazonRefusal where they are none."""
    if not isinstance(entry, Mapping):
        raise _malformed()
    method, path, elements = entry.get("method"), entry.get("path"), entry.get("dataElements", [])
    if not isinstance(method, str) or method not in METHODS or not isinstance(path, str) or not _is_words(elements):
        raise _malformed()
    return method, path, elements


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _malformed() -> AmazonRefusal:
    message = "Request is missing or has invalid parameters"
    return AmazonRefusal(400, message, code="InvalidRequest", details="Resource not provided.")


def _no_access() -> AmazonRefusal:
    return AmazonRefusal(400, "Application do not have access to some or all requested resource")
