"""A small shop and its connector: the folder to copy for a channel of your own."""

from entrepot import channel, hookimpl
from entrepot_mock_channel.facts import MOCK

__all__ = ["MOCK", "register_channels"]


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    return [MOCK]
