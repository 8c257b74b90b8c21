"""Where records come from, and what that says of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import evolve, frozen

from entrepot.channel import ChannelType
from entrepot.model import UNTOLD, AccountId, Order
from entrepot.store.records import AccountRow
from entrepot.sync.description import time_zones


@frozen
class Source:
    """Where the records come from. `time_zones`: of each marketplace, by its id. `ahead`: the channel's clock."""

    account: AccountId
    channel: ChannelType
    time_zones: Mapping[str, str]
    ahead: timedelta = timedelta()

    @classmethod
    def of(cls, account: AccountRow, channel: ChannelType) -> "Source":
        return cls(account.id, channel, time_zones(account), timedelta(seconds=account.clock_offset))

    def dated(self, order: Order, now: datetime) -> Order:
        """With the latest time at which it can have changed, where the channel tells none."""
        return evolve(order, changed_at=now + self.ahead) if order.changed_at == UNTOLD else order
