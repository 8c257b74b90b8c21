"""The mock channel in other shops' words: whole seconds. Code of docs/how-to/write-a-channel.md."""

from datetime import timedelta
from typing import ClassVar

from attrs import evolve, frozen

from entrepot import channel
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop
from tests.testing.recipes import variant

# Times in whole seconds


@frozen
class AsksFromWholeSeconds(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        """A change at 12:00:05.7 is told as of 12:00:05, which a window from 12:00:05.5 on would leave out."""
        start = request.window.start.replace(microsecond=0)
        return await MockConnector.fetch_orders(self, evolve(request, window=evolve(request.window, start=start)))


class WritesWholeSeconds(MockShop):
    resolution: ClassVar[timedelta] = timedelta(seconds=1)


WHOLE_SECONDS = variant(AsksFromWholeSeconds)
