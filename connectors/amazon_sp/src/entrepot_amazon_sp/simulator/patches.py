"""What a patch makes of a listing's `fulfillment_availability`, and why Amazon would not take it.

Other attributes exist at Amazon; this simulator knows none of them and says INVALID.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.listings import MERCHANT, Listing
from entrepot_amazon_sp.simulator.refusals import bad_listings_request

ATTRIBUTE = "fulfillment_availability"
CODE = "fulfillment_channel_code"
ANY_TYPE = "PRODUCT"
"""The product type that fits every listing, for changes of an offer."""

OPERATIONS = {"add", "replace", "merge", "delete"}
MOST_UNITS = 10**8

Entries = Mapping[str, Mapping[str, Any]]
"""Members of the attribute by channel code."""


@define
class Availability:
    """The attribute after the patches so far. `quantity` is None where they do not name one."""

    entries: dict[str, dict[str, Any]]
    quantity: int | None = None

    def apply(self, operation: str, values: Entries) -> None:
        """An offer has one channel: one that Amazon sends becomes the merchant's as soon as DEFAULT is written."""
        if operation == "delete":
            self.entries = {code: members for code, members in self.entries.items() if code not in values}
            return
        kept = self.entries if operation == "merge" else {}
        self.entries = {code: {**kept.get(code, {}), **_without_quantity(members)} for code, members in values.items()}
        self.quantity = values.get(MERCHANT, {}).get("quantity", self.quantity)


def read_patches(body: Json, product_type: str) -> Sequence[Mapping[str, Any]]:
    """Raises AmazonRefusal for a body that Amazon does not even submit."""
    patches = body.get("patches") if isinstance(body, Mapping) else None
    if not isinstance(patches, list) or not patches or not all(isinstance(patch, Mapping) for patch in patches):
        raise bad_listings_request("The body has productType and one or more patches.")
    if body.get("productType") not in {product_type, ANY_TYPE}:
        raise bad_listings_request(f"productType {body.get('productType')} does not match the listing.")
    for patch in patches:
        names = str(patch.get("path")).split("/")
        if patch.get("op") not in OPERATIONS or names[:2] != ["", "attributes"] or len(names) != 3:  # noqa: PLR2004
            raise bad_listings_request("A patch has one of four operations and the path of a top-level attribute.")
    return patches


def find_issues(patches: Sequence[Mapping[str, Any]], amazons_own: str) -> list[Json]:
    return [issue for patch in patches for issue in _issues(patch, {MERCHANT, amazons_own})]


def patched(listing: Listing, patches: Sequence[Mapping[str, Any]]) -> Availability:
    """Patches without issues only."""
    result = Availability(dict(listing.availability))
    for patch in patches:
        result.apply(patch["op"], {value[CODE]: value for value in patch["value"]})
    return result


def _issues(patch: Mapping[str, Any], codes: set[str]) -> Iterator[Json]:
    attribute = patch["path"].split("/")[2]
    if attribute != ATTRIBUTE:
        yield issue("90000900", f"The attribute {attribute} is invalid.", attribute)
        return
    values = patch.get("value")
    if not isinstance(values, list) or not values or not all(isinstance(value, Mapping) for value in values):
        yield issue("90000900", "The attributes are invalid.", attribute)
        return
    for value in values:
        yield from _entry_issues(value, codes, deleting=patch["op"] == "delete")


def _entry_issues(value: Mapping[str, Any], codes: set[str], *, deleting: bool) -> Iterator[Json]:
    code, quantity = value.get(CODE), value.get("quantity")
    if code not in codes:
        yield issue("90220", f"'{CODE}' is required but not supplied.", CODE, "MISSING_ATTRIBUTE")
    if deleting or "quantity" not in value:
        return
    if code != MERCHANT:
        yield issue("90000900", f"'quantity' cannot be set for {code}: Amazon counts it.", "quantity")
    if type(quantity) is not int or not 0 <= quantity <= MOST_UNITS:
        yield issue("90000900", f"'quantity' has an invalid value {quantity!r:.20}.", "quantity")


def issue(code: str, message: str, attribute: str, category: str = "INVALID_ATTRIBUTE") -> Json:
    """One of severity ERROR, as Amazon words it."""
    return {
        "code": code,
        "message": message,
        "severity": "ERROR",
        "attributeNames": [attribute],
        "categories": [category],
    }


def _without_quantity(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in {CODE, "quantity"}}
