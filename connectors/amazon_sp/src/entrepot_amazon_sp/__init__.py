"""Amazon's Selling Partner API as a channel of Entrepot."""

from entrepot import channel, hookimpl
from entrepot_amazon_sp.facts import AMAZON

__all__ = ["AMAZON", "register_channels"]


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    return [AMAZON]
