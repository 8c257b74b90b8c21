"""A kiosk with odd ways: a key in a header, documents with ETags, and a list of open orders only."""

from entrepot import channel, hookimpl
from entrepot_kiosk.facts import KIOSK

__all__ = ["KIOSK", "register_channels"]


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    return [KIOSK]
