"""Shopname for Entrepot."""

from entrepot import channel, hookimpl
from entrepot_shopname.facts import SHOPNAME

__all__ = ["SHOPNAME", "register_channels"]


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    return [SHOPNAME]
