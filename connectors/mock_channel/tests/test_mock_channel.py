"""The mock channel against Entrepot's connector contract: in memory, virtual time, no network, no credentials."""

from entrepot.testing import ConnectorContract
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.shop import MockShop


class TestMockChannel(ConnectorContract):
    channel, shop = MOCK, MockShop
    settings = {"url": "https://mock.example", "token": "not-a-secret"}  # noqa: RUF012 - the table of plugins.toml
