"""Where the seller takes part, in the words of Sellers API v1."""

from entrepot.channel import Json
from entrepot.simulation import Call, route
from entrepot_amazon_sp.places import Place
from entrepot_amazon_sp.simulator.account import Account

STORE = "Simulated Store"


class Sellers:
    def __init__(self, account: Account) -> None:
        self._places = account.places

    @route("GET /sellers/v1/marketplaceParticipations", spends="getMarketplaceParticipations")
    def get_marketplace_participations(self, call: Call) -> Json:
        """Real accounts also have entries that are no stores, such as "Non-Amazon": one stands for them, invented."""
        real = [
            _participation(place.id, place.domain.removeprefix("www.").capitalize(), place) for place in self._places
        ]
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
