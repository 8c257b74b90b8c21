"""FBA Inventory API v1: how many units lie with Amazon. The operations that only its sandbox has are not simulated."""

import base64
import json
from datetime import datetime, timedelta

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.fba.stock import FbaStock, Units
from entrepot_amazon_sp.simulator.refusals import invalid
from entrepot_amazon_sp.simulator.times import instant

PAGE = 50
"""Summaries on one page: seen, not documented."""

TOKEN_LIFETIME = timedelta(seconds=30)
REACHES_BACK = timedelta(days=548)
"""18 months."""

MOST_SKUS = 50


class FbaInventory:
    def __init__(self, account: Account, stock: FbaStock) -> None:
        self._account = account
        self._stock = stock

    @route("GET /fba/inventory/v1/summaries", spends="getInventorySummaries")
    def get_inventory_summaries(self, call: Call) -> Json:
        place = self._store(call)
        found = self._found(call, place)
        start, details = self._start(call), parameters.flag(call, "details")
        page = [_summary(units, details=details) for units in found[start : start + PAGE]]
        granularity = {"granularityType": "Marketplace", "granularityId": place.id}
        more = {"pagination": {"nextToken": self._token(call, start + PAGE)}} if len(found) > start + PAGE else {}
        return {"payload": {"granularity": granularity, "inventorySummaries": page}} | more

    def _store(self, call: Call) -> Place:
        ids = parameters.array(call, "marketplaceIds", most=1)
        if not ids or parameters.single(call, "granularityType") != "Marketplace":
            raise invalid("granularityType=Marketplace and one of marketplaceIds are required.")
        if parameters.single(call, "granularityId") != ids[0]:
            raise invalid("granularityId is not the marketplace.")
        places = self._account.stores(ids, invalid)
        if not places:
            raise invalid("The seller does not take part in this marketplace.")
        return places[0]

    def _found(self, call: Call, place: Place) -> list[Units]:
        """What changed, else what is named by several SKUs, else by one, else all: the first that is given counts."""
        units = self._stock.units([place])
        since = parameters.time(call, "startDateTime")
        if since is not None:
            if since < self._account.market.now() - REACHES_BACK:
                raise invalid("startDateTime lies more than 18 months back.")
            return [each for each in units if each.changed_at >= since]
        one = parameters.single(call, "sellerSku")
        named = parameters.array(call, "sellerSkus", most=MOST_SKUS) or (() if one is None else (one,))
        return [each for each in units if not named or each.listing.sku in named]

    def _start(self, call: Call) -> int:
        text = parameters.single(call, "nextToken")
        if text is None:
            return 0
        try:
            start, since, given = json.loads(base64.b64decode(text, validate=True))
        except (TypeError, ValueError):
            raise invalid("nextToken was never given.") from None
        if self._account.market.now() - datetime.fromisoformat(given) > TOKEN_LIFETIME / self._account.time_scale:
            raise invalid("nextToken has expired: it is good for 30 seconds.")
        if since != parameters.single(call, "startDateTime"):
            raise invalid("startDateTime is not that of the first page.")
        return int(start)

    def _token(self, call: Call, start: int) -> str:
        content = [start, parameters.single(call, "startDateTime"), self._account.market.now().isoformat()]
        return base64.b64encode(json.dumps(content).encode()).decode()


def _summary(units: Units, *, details: bool) -> Json:
    words = {
        "asin": units.listing.asin,
        "fnSku": units.fn_sku,
        "sellerSku": units.listing.sku,
        "condition": "NewItem",
        "lastUpdatedTime": instant(units.changed_at),
        "productName": units.listing.title,
        "totalQuantity": units.total,
        "stores": [],
    }
    return words | ({"inventoryDetails": _details(units)} if details else {})


def _details(units: Units) -> Json:
    others = ("warehouseDamaged", "distributorDamaged", "carrierDamaged", "defective", "expired")
    damaged = {"totalUnfulfillableQuantity": units.unsellable, "customerDamagedQuantity": units.unsellable}
    return {
        "fulfillableQuantity": units.fulfillable,
        "inboundWorkingQuantity": 0,
        "inboundShippedQuantity": 0,
        "inboundReceivingQuantity": 0,
        "reservedQuantity": {
            "totalReservedQuantity": units.reserved,
            "pendingCustomerOrderQuantity": units.reserved,
            "pendingTransshipmentQuantity": 0,
            "fcProcessingQuantity": 0,
        },
        "researchingQuantity": {
            "totalResearchingQuantity": 0,
            "researchingQuantityBreakdown": [
                {"name": f"researchingQuantityIn{term}Term", "quantity": 0} for term in ("Short", "Mid", "Long")
            ],
        },
        "unfulfillableQuantity": damaged | {f"{name}Quantity": 0 for name in others},
    }
