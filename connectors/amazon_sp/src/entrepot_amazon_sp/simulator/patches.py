"""What the seller sends for a listing, whole or in patches: read, judged, and turned into what will be shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define

from entrepot.channel import Json
from entrepot_amazon_sp.simulator import attributes
from entrepot_amazon_sp.simulator.attributes import issue
from entrepot_amazon_sp.simulator.listings import MERCHANT, Listing
from entrepot_amazon_sp.simulator.refusals import bad_listings_request

AVAILABILITY = "fulfillment_availability"
CODE = "fulfillment_channel_code"
ANY_TYPE = "PRODUCT"
"""The product type that fits every listing, for changes of an offer."""

OPERATIONS = {"add", "replace", "merge", "delete"}
MOST_UNITS = 10**8

Values = Sequence[Mapping[str, Any]]


@define
class Draft:
    """A listing's attributes after the changes so far. `quantity` is None where they do not name one."""

    availability: dict[str, dict[str, Any]]
    others: dict[str, attributes.Entries]
    quantity: int | None = None

    def apply(self, operation: str, attribute: str, values: Values) -> None:
        if attribute == AVAILABILITY:
            self._make_available(operation, {value[CODE]: value for value in values})
            return
        before = self.others.get(attribute, [])
        change = {"merge": attributes.merged, "delete": attributes.without}.get(operation)
        self.others[attribute] = change(before, values) if change else list(values)

    def _make_available(self, operation: str, values: Mapping[str, Mapping[str, Any]]) -> None:
        """An offer has one channel: one that Amazon sends becomes the merchant's as soon as DEFAULT is written."""
        if operation == "delete":
            self.availability = {code: held for code, held in self.availability.items() if code not in values}
            return
        kept = self.availability if operation == "merge" else {}
        self.availability = {
            code: {**kept.get(code, {}), **_without_quantity(members)} for code, members in values.items()
        }
        self.quantity = values.get(MERCHANT, {}).get("quantity", self.quantity)


def check_type(body: Mapping[str, Any], product_type: str) -> None:
    if str(body.get("productType")) not in {product_type, ANY_TYPE}:
        raise bad_listings_request(f"productType {body.get('productType')} does not match the listing.")


def read_patches(body: Json, product_type: str) -> Sequence[Mapping[str, Any]]:
    """Raises AmazonRefusal for a body that Amazon does not even submit."""
    patches = body.get("patches") if isinstance(body, Mapping) else None
    if not isinstance(patches, list) or not patches or not all(isinstance(patch, Mapping) for patch in patches):
        raise bad_listings_request("The body has productType and one or more patches.")
    check_type(body, product_type)
    for patch in patches:
        names = str(patch.get("path")).split("/")
        if str(patch.get("op")) not in OPERATIONS or names[:2] != ["", "attributes"] or len(names) != 3:  # noqa: PLR2004
            raise bad_listings_request("A patch has one of four operations and the path of a top-level attribute.")
    return patches


def read_whole(body: Json, listing: Listing | None) -> Mapping[str, Any]:
    """The attributes of a full submission. Raises AmazonRefusal for a body that Amazon does not even submit."""
    given = body.get("attributes") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(body.get("productType"), str):
        raise bad_listings_request("The body has productType and attributes.")
    if str(body.get("requirements", "LISTING")) not in attributes.REQUIRED:
        raise bad_listings_request(f"requirements is one of {', '.join(attributes.REQUIRED)}.")
    if listing is not None:
        check_type(body, listing.product_type)
    return given


def find_patch_issues(patches: Sequence[Mapping[str, Any]], amazons_own: str) -> list[Json]:
    return [
        found
        for patch in patches
        for found in _issues(_attribute(patch), patch.get("value"), amazons_own, deleting=patch["op"] == "delete")
    ]


def find_whole_issues(given: Mapping[str, Any], requirements: str, amazons_own: str) -> list[Json]:
    wrong = [found for name, values in given.items() for found in _issues(name, values, amazons_own)]
    return [*attributes.find_missing(given, requirements), *wrong]


def patched(listing: Listing, patches: Sequence[Mapping[str, Any]]) -> Draft:
    """Patches without issues only."""
    draft = Draft(dict(listing.availability), dict(listing.attributes))
    for patch in patches:
        draft.apply(patch["op"], _attribute(patch), patch["value"])
    return draft


def replaced(given: Mapping[str, Any], availability: Mapping[str, dict[str, Any]]) -> Draft:
    """Attributes without issues only. Without availability the channel stays, and has no units (a guess)."""
    draft = Draft(dict(availability), {}, 0)
    for name, values in given.items():
        draft.apply("replace", name, values)
    return draft


def _attribute(patch: Mapping[str, Any]) -> str:
    return str(patch["path"]).split("/")[2]


def _issues(attribute: str, values: Any, amazons_own: str, *, deleting: bool = False) -> Iterator[Json]:
    if attribute != AVAILABILITY:
        if not deleting or not attributes.are_entries(values):
            yield from attributes.find_issues(attribute, values)
        return
    if not attributes.are_entries(values):
        yield issue("90000900", "The attributes are invalid.", attribute)
        return
    for value in values:
        yield from _entry_issues(value, {MERCHANT, amazons_own}, deleting=deleting)


def _entry_issues(value: Mapping[str, Any], codes: set[str], *, deleting: bool) -> Iterator[Json]:
    code, quantity = str(value.get(CODE)), value.get("quantity")
    if code not in codes:
        yield issue("90220", f"'{CODE}' is required but not supplied.", CODE, "MISSING_ATTRIBUTE")
    if deleting or "quantity" not in value:
        return
    if code != MERCHANT:
        yield issue("90000900", f"'quantity' cannot be set for {code}: Amazon counts it.", "quantity")
    if type(quantity) is not int or not 0 <= quantity <= MOST_UNITS:
        yield issue("90000900", f"'quantity' has an invalid value {quantity!r:.20}.", "quantity")


def _without_quantity(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in {CODE, "quantity"}}
