"""A listing as Amazon's Listings Items API 2021-08-01 sends it, as far as it is read."""

from attrs import frozen

from entrepot import channel


@frozen
class FulfillmentAvailability:
    """`fulfillmentChannelCode` is `DEFAULT` for the merchant's own stock; Amazon's has no quantity here."""

    fulfillmentChannelCode: str
    quantity: int | None = None


@frozen
class Issue:
    code: str
    message: str
    severity: str
    marketplaceIds: tuple[str, ...] = ()


@frozen
class InStore:
    """What `summaries` and `productTypes` have in common: a store that lists the SKU, and as what."""

    marketplaceId: str
    productType: str = ""


@frozen
class Item:
    sku: str
    summaries: tuple[InStore, ...] = ()
    productTypes: tuple[InStore, ...] = ()
    fulfillmentAvailability: tuple[FulfillmentAvailability, ...] = ()
    issues: tuple[Issue, ...] = ()


@frozen
class ItemSearchResults:
    """Items stay as they are: they are mapped one by one."""

    items: list[dict[str, channel.Json]]


@frozen
class Submission:
    """What became of a patch. `ACCEPTED` is not yet applied."""

    sku: str
    status: str
    issues: tuple[Issue, ...] = ()


@frozen
class Shown:
    """A record of the kind `stock`, put together by the connector: the listing as each stock pool shows it.

    `shown` is by the code of the pool's first store in the account.
    """

    sku: str
    shown: dict[str, Item]
