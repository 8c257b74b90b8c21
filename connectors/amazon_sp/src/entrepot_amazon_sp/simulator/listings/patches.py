"""What the seller sends for a listing, whole or in patches: read, judged, and turned into what will be shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define

from entrepot.channel import Json
from entrepot_amazon_sp.simulator.listings import attributes
from entrepot_amazon_sp.simulator.listings.definitions import REQUIRED, TYPES, Schema, selectors_of
from entrepot_amazon_sp.simulator.listings.listing import MERCHANT, Listing, sender_of
from entrepot_amazon_sp.simulator.listings.schema_issues import find_issues, find_missing, issue
from entrepot_amazon_sp.simulator.refusals import bad_listings_request

AVAILABILITY = "fulfillment_availability"
CODE = "fulfillment_channel_code"
ANY_TYPE = "PRODUCT"
"""The product type that fits every listing, for changes of an offer."""

WHOLE = {"add", "replace"}
OPERATIONS = WHOLE | {"merge", "delete"}

Values = Sequence[Mapping[str, Any]]


@define
class Draft:
    """A listing's attributes after the changes so far. `quantity` is None where it stays."""

    availability: dict[str, dict[str, Any]]
    others: dict[str, attributes.Entries]
    quantity: int | None = None

    def apply(self, operation: str, attribute: str, values: Values) -> None:
        if attribute == AVAILABILITY:
            self._make_available(operation, {value[CODE]: value for value in values})
            return
        before = self.others.get(attribute, [])
        change = {"merge": attributes.merged, "delete": attributes.without}.get(operation)
        self.others[attribute] = change(before, values, selectors_of(attribute)) if change else list(values)

    def _make_available(self, operation: str, values: Mapping[str, Mapping[str, Any]]) -> None:
        """An offer has one channel: one that Amazon sends becomes the merchant's as soon as DEFAULT is written.

        Units do not pass from one to the other: whoever takes over begins with none (a guess), and so does the merchant
        whose new entry names no quantity, as a replacement keeps nothing of the old one.
        """
        before = sender_of(self.availability)
        if operation == "delete":
            self.availability = {code: held for code, held in self.availability.items() if code not in values}
        else:
            kept = self.availability if operation == "merge" else {}
            self.availability = {
                code: {**kept.get(code, {}), **_without_quantity(members)} for code, members in values.items()
            }
        after = sender_of(self.availability)
        if after != before or (after == MERCHANT and operation in WHOLE):
            self.quantity = 0
        if after == MERCHANT and operation != "delete" and "quantity" in values[MERCHANT]:
            self.quantity = int(values[MERCHANT]["quantity"])  # 5.0 is a whole number of JSON


def _check_type(body: Mapping[str, Any], product_type: str) -> None:
    if str(body.get("productType")) not in {product_type, ANY_TYPE}:
        raise bad_listings_request(f"productType {body.get('productType')} does not match the listing.")


def read_patches(body: Json, product_type: str) -> Sequence[Mapping[str, Any]]:
    """Raises AmazonRefusal for a body that Amazon does not even submit."""
    patches = body.get("patches") if isinstance(body, Mapping) else None
    if not isinstance(patches, list) or not patches or not all(isinstance(patch, Mapping) for patch in patches):
        raise bad_listings_request("The body has productType and one or more patches.")
    _check_type(body, product_type)
    for patch in patches:
        names = str(patch.get("path")).split("/")
        if str(patch.get("op")) not in OPERATIONS or names[:2] != ["", "attributes"] or len(names) != 3:  # noqa: PLR2004
            raise bad_listings_request("A patch has one of four operations and the path of a top-level attribute.")
    return patches


def read_whole(body: Json, listing: Listing | None) -> Mapping[str, Any]:
    """The attributes of a full submission. Raises AmazonRefusal for a body that Amazon does not even submit."""
    given = body.get("attributes") if isinstance(body, Mapping) else None
    if not isinstance(given, Mapping) or str(body.get("productType")) not in TYPES:
        raise bad_listings_request("The body has attributes, and a productType that has a definition.")
    if str(body.get("requirements", "LISTING")) not in REQUIRED:
        raise bad_listings_request(f"requirements is one of {', '.join(REQUIRED)}.")
    if listing is not None:
        _check_type(body, listing.product_type)
    return given


def find_patch_issues(patches: Sequence[Mapping[str, Any]], schema: Schema) -> list[Json]:
    """What the schema, without its requirements, has against them."""
    return [found for patch in patches for found in _patch_issues(patch, schema)]


def find_whole_issues(given: Mapping[str, Any], schema: Schema) -> list[Json]:
    wrong = [found for name, values in given.items() for found in _issues(name, values, schema)]
    return [*find_missing(given, schema), *wrong]


def patched(listing: Listing, patches: Sequence[Mapping[str, Any]]) -> Draft:
    """Patches without issues only."""
    draft = Draft(dict(listing.availability), dict(listing.attributes))
    for patch in patches:
        draft.apply(patch["op"], _attribute(patch), patch["value"])
    return draft


def replaced(given: Mapping[str, Any], availability: Mapping[str, dict[str, Any]]) -> Draft:
    """Attributes without issues only. Without availability the channel stays, and has no units (a guess)."""
    draft = Draft(dict(availability), {}, 0 if MERCHANT in availability else None)
    for name, values in given.items():
        draft.apply("replace", name, values)
    return draft


def _attribute(patch: Mapping[str, Any]) -> str:
    return str(patch["path"]).split("/")[2]


def _patch_issues(patch: Mapping[str, Any], schema: Schema) -> Iterator[Json]:
    attribute, values = _attribute(patch), patch.get("value", [])
    if patch["op"] == "delete" and attribute in schema["properties"] and attributes.are_entries(values):
        selectors = selectors_of(attribute)
        values = [{name: value[name] for name in selectors if name in value} for value in values]
    yield from _issues(attribute, values, schema, partial=patch["op"] in {"merge", "delete"})


def _issues(attribute: str, values: Any, schema: Schema, *, partial: bool = False) -> Iterator[Json]:
    found = [*find_issues(attribute, values, schema, partial=partial)]
    yield from found
    if attribute == AVAILABILITY and not found:
        held = [value[CODE] for value in values if value[CODE] != MERCHANT and "quantity" in value]
        yield from (issue("90000900", f"'quantity' cannot be set for {code}: Amazon counts it.", CODE) for code in held)


def _without_quantity(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in {CODE, "quantity"}}
