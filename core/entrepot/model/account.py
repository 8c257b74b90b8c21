"""Where an account sells."""

from enum import StrEnum

from attrs import field, frozen

from entrepot.model.money import currency_code


@frozen
class Marketplace:
    """One store of a channel.

    Offers of marketplaces with the same `stock_pool` share one number on the channel.
    """

    id: str
    currency: str = field(validator=currency_code)
    time_zone: str
    stock_pool: str


class Publish(StrEnum):
    """What leaves for a channel: nothing, nothing but a comparison, or the quantities."""

    OFF = "off"
    SHADOW = "shadow"
    LIVE = "live"
