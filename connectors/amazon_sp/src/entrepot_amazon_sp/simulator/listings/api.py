"""Listings Items API 2021-08-01: its five operations."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.listings.inventory import Inventory
from entrepot_amazon_sp.simulator.listings.listing import ITEM_GROUPS, View, statuses, word_identifiers, word_item
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, bad_listings_request, denied, not_simulated

ITEMS = "/listings/2021-08-01/items/{sellerId}"
ITEM = ITEMS + "/{sku:path}"

MOST_IDENTIFIERS = 20
LARGEST_PAGE, USUAL_PAGE = 20, 10
MOST_PAGED = 1000
"""Items that one search leads to, however many it finds."""

IDENTIFIER_TYPES = ("SKU", "ASIN")
"""Amazon knows more; an invented catalog has no others."""

SORTED_BY: Mapping[str, Callable[[View], Any]] = {
    "sku": lambda view: view.listing.sku,
    "createdDate": lambda view: view.listing.created_at,
    "lastUpdatedDate": lambda view: view.listing.changed_at,
}

NO_FILTERS = ("variationParentSku", "packageHierarchySku")
"""Amazon's, for families of products: the simulator has none."""


class ListingsItems:
    def __init__(self, account: Account, inventory: Inventory) -> None:
        self._account = account
        self._inventory = inventory

    @route(f"GET {ITEM}", spends="getListingsItem")
    def get(self, call: Call) -> Json:
        places, included = self._stores(call), _included(call)
        view = self._inventory.view(call.path["sku"], places)
        if view is None:
            message = f"SKU '{call.path['sku']}' not found in marketplace {call.text('marketplaceIds')}"
            raise AmazonRefusal(404, message, code="NOT_FOUND")
        return word_item(view, included)

    @route(f"GET {ITEMS}", spends="searchListingsItems")
    def search(self, call: Call) -> Json:
        places, included = self._stores(call), _included(call)
        size = parameters.number(call, "pageSize", USUAL_PAGE, LARGEST_PAGE, bad_listings_request)
        start = _start(call)
        found = _sorted(call, self._found(call, places))
        page = found[start : start + size][: max(0, MOST_PAGED - start)]
        tokens = {"previousToken": start - size, "nextToken": start + size}
        within = {name: _token(at) for name, at in tokens.items() if 0 <= at < min(len(found), MOST_PAGED)}
        items = [word_item(view, included) for view in page]
        return {"numberOfResults": len(found)} | ({"pagination": within} if within else {}) | {"items": items}

    @route(f"PATCH {ITEM}", spends="patchListingsItem")
    def patch(self, call: Call) -> Json:
        """ACCEPTED is not applied."""
        sku, places, preview = call.path["sku"], self._stores(call), _is_preview(call)
        issues = self._inventory.patch(sku, places, call.body, preview=preview)
        return self._submitted(call, places, issues, preview=preview)

    @route(f"PUT {ITEM}", spends="putListingsItem")
    def put(self, call: Call) -> Json:
        places, preview = self._one_store(call), _is_preview(call)
        issues = self._inventory.put(call.path["sku"], places, call.body, preview=preview)
        return self._submitted(call, places, issues, preview=preview)

    @route(f"DELETE {ITEM}", spends="deleteListingsItem")
    def delete(self, call: Call) -> Json:
        places = self._one_store(call)
        return self._submitted(call, places, self._inventory.delete(call.path["sku"], places))

    def _found(self, call: Call, places: Sequence[Place]) -> list[View]:
        """A search by SKU looks at these alone: there may be many others."""
        for name in NO_FILTERS:
            if name in call.query:
                raise not_simulated(f"Filter {name} of searchListingsItems")
        identifiers = parameters.array(call, "identifiers", most=MOST_IDENTIFIERS, refuse=bad_listings_request)
        kind = parameters.single(call, "identifiersType", bad_listings_request)
        if bool(identifiers) != (kind is not None) or (kind is not None and kind not in IDENTIFIER_TYPES):
            raise bad_listings_request(f"identifiers and identifiersType ({', '.join(IDENTIFIER_TYPES)}) go together.")
        keeps = [*_of_status(call), *_of_severity(call), *_of_time(call)]
        if kind == "ASIN":
            keeps.append(lambda view: view.listing.asin in identifiers)
        views = self._inventory.views(places, dict.fromkeys(identifiers) if kind == "SKU" else None)
        return [view for view in views if all(keep(view) for keep in keeps)]

    def _stores(self, call: Call) -> list[Place]:
        """The seller's among those named. Raises Refusal."""
        if call.path["sellerId"] != self._account.seller:
            raise denied("The seller is not the one who authorized the application.")
        ids = parameters.array(call, "marketplaceIds", refuse=bad_listings_request)
        if not ids:
            raise bad_listings_request("marketplaceIds is missing.")
        return self._account.stores(ids, bad_listings_request)

    def _one_store(self, call: Call) -> list[Place]:
        places = self._stores(call)
        if len(parameters.array(call, "marketplaceIds")) > 1:
            raise bad_listings_request("marketplaceIds takes one value here.")
        if not places:
            raise denied("The seller does not take part in this marketplace.")
        return places

    def _submitted(self, call: Call, places: Sequence[Place], issues: list[Json], *, preview: bool = False) -> Json:
        sku, status = call.path["sku"], "INVALID" if issues else "VALID" if preview else "ACCEPTED"
        answer = {"sku": sku, "status": status, "submissionId": self._account.uuid().replace("-", ""), "issues": issues}
        if "identifiers" not in parameters.array(call, "includedData"):
            return answer
        view = self._inventory.view(sku, places)
        return answer | {"identifiers": word_identifiers(view.listing, view.places) if view else []}


def _included(call: Call) -> tuple[str, ...]:
    groups = parameters.array(call, "includedData", allowed=ITEM_GROUPS, refuse=bad_listings_request)
    return groups or ("summaries",)


def _is_preview(call: Call) -> bool:
    mode = parameters.single(call, "mode", bad_listings_request)
    included = parameters.array(call, "includedData", allowed={"issues", "identifiers"}, refuse=bad_listings_request)
    if mode not in {None, "VALIDATION_PREVIEW"} or ("identifiers" in included and not mode):
        raise bad_listings_request("mode is VALIDATION_PREVIEW or absent; identifiers come with a preview only.")
    return mode is not None


Keep = Callable[[View], bool]


def _of_status(call: Call) -> list[Keep]:
    allowed = {"BUYABLE", "DISCOVERABLE"}
    having = set(parameters.array(call, "withStatus", allowed=allowed, refuse=bad_listings_request))
    lacking = set(parameters.array(call, "withoutStatus", allowed=allowed, refuse=bad_listings_request))
    return [lambda view: having <= _statuses(view), lambda view: not lacking & _statuses(view)]


def _of_severity(call: Call) -> list[Keep]:
    wanted = parameters.array(call, "withIssueSeverity", allowed={"WARNING", "ERROR"}, refuse=bad_listings_request)
    return [lambda view: any(issue["severity"] in wanted for issue in view.listing.issues)] if wanted else []


def _of_time(call: Call) -> list[Keep]:
    return [_between(call, "created", "createdDate"), _between(call, "lastUpdated", "lastUpdatedDate")]


def _between(call: Call, name: str, key: str) -> Keep:
    """Windows have both their ends."""
    after, before = parameters.time(call, f"{name}After"), parameters.time(call, f"{name}Before")

    def keeps(view: View) -> bool:
        at = SORTED_BY[key](view)
        return (after is None or at >= after) and (before is None or at <= before)

    return keeps


def _statuses(view: View) -> set[str]:
    return {status for place in view.places for status in statuses(view, place)}


def _sorted(call: Call, views: list[View]) -> list[View]:
    by = parameters.single(call, "sortBy", bad_listings_request) or "lastUpdatedDate"
    order = parameters.single(call, "sortOrder", bad_listings_request) or "DESC"
    if by not in SORTED_BY or order not in {"ASC", "DESC"}:
        raise bad_listings_request("sortBy or sortOrder has an unknown value.")
    return sorted(views, key=SORTED_BY[by], reverse=order == "DESC")


def _start(call: Call) -> int:
    text = parameters.single(call, "pageToken", bad_listings_request)
    try:
        return 0 if text is None else int(base64.b64decode(text, validate=True).removeprefix(b"item "))
    except ValueError:
        raise bad_listings_request("pageToken was never given.") from None


def _token(start: int) -> str:
    return base64.b64encode(b"item %d" % start).decode()
