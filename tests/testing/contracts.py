"""The contract of a channel that differs from the mock channel in one thing."""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from entrepot import channel
from entrepot.testing import ConnectorContract
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockSettings
from entrepot_mock_channel.shop import MockShop

SETTINGS = {"url": "https://mock.example", "token": "not-a-secret"}


def contract(kind: channel.ChannelType, double: type[MockShop] = MockShop) -> Any:
    class Planted(ConnectorContract):
        channel, shop, settings = kind, double, SETTINGS

    return Planted()


def left_out(case) -> str:
    """The reason for which pytest skips it."""
    [mark] = case.pytestmark
    return mark.kwargs["reason"]


def connected_by(connector: Callable[[channel.Http], object]) -> channel.ChannelType:
    def connect(settings: MockSettings, ports: channel.Ports) -> object:
        return connector(ports.http(settings.url, bearer=settings.token))

    return evolve(MOCK, connect=connect)
