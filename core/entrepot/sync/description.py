"""What a channel said of an account, as the store keeps it."""

from collections.abc import Mapping

import orjson
from cattrs import Converter

from entrepot.channel import AccountDescription
from entrepot.store.records import AccountRow

_CONVERTER = Converter()


def dump_description(description: AccountDescription) -> str:
    return orjson.dumps(_CONVERTER.unstructure(description)).decode()


def parse_description(account: AccountRow) -> AccountDescription | None:
    """None until the channel has described the account."""
    if account.description is None:
        return None
    return _CONVERTER.structure(orjson.loads(account.description), AccountDescription)


def time_zones(account: AccountRow) -> Mapping[str, str]:
    """The IANA time zone of each marketplace, by its id."""
    description = parse_description(account)
    return {place.id: place.time_zone for place in description.marketplaces} if description else {}
