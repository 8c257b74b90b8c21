"""Where the seller takes part, in the words of Sellers API v1."""

from collections.abc import Sequence

from entrepot.channel import Json
from entrepot_amazon_sp.places import Place

STORE = "Simulated Store"


def word_participations(places: Sequence[Place]) -> Json:
    """Real accounts also have entries that are no stores, such as "Non-Amazon": one stands for them, invented."""
    real = [_participation(place.id, place.domain.removeprefix("www.").capitalize(), place) for place in places]
    first = places[0]
    return {"payload": [*real, _participation(f"ANONAMAZON{first.region}00", f"Non-Amazon {first.code}", first)]}


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
