"""Where the seller takes part, in the words of Sellers API v1."""

from entrepot.channel import Json
from entrepot.simulation import Call, FaultPoints, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.faults import AmazonFault

STORE = "Simulated Store"


class Sellers:
    def __init__(self, account: Account, faults: FaultPoints) -> None:
        self._places = account.places
        self._faults = faults

    @route("GET /sellers/v1/marketplaceParticipations", spends="getMarketplaceParticipations")
    def get_marketplace_participations(self, call: Call) -> Json:
        """Real accounts also have entries that are no stores, such as "Non-Amazon": one stands for them, invented."""
        missing = self._faults.strikes(AmazonFault.STORE_MISSING)
        told = self._places[:-1] if missing else self._places
        real = [_participation(place.id, place.domain.removeprefix("www.").capitalize(), place) for place in told]
        first = self._places[0]
        other = _participation(f"ANONAMAZON{first.region}00", f"Non-Amazon {first.code}", first)
        return {"payload": [*real, other]}


def _participation(id_: str, name: str, place: Place) -> Json:
    return {
        "marketplace": {
            "id": id_,
            "countryCode": place.country,
            "name": name,
            "defaultCurrencyCode": place.currency,
            "defaultLanguageCode": place.language,
            "domainName": place.domain if id_ == place.id else f"non-amazon.{place.domain.removeprefix('www.')}",
        },
        "storeName": STORE,
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
    }
