"""The records of one account, as they come: mapped, and compared with the channel's documentation."""

from collections.abc import Sequence

from entrepot.channel import ChannelType, Json
from entrepot.model import AccountId
from entrepot.sync.records import Mapped, cut, map_cut
from entrepot.sync.schema_drift import SchemaDrift

RECENT = 500
"""Records. What changes in six minutes of an account with 30,000 orders a day."""


class Reader:
    """Windows overlap, so a busy account sends most records several times: what was read last is not mapped again."""

    def __init__(self, account: AccountId, channel: ChannelType, recent: int = RECENT) -> None:
        self.drift = SchemaDrift(account, channel)
        self._channel = channel
        self._size = recent
        self._recent: dict[tuple[str, str], Mapped] = {}

    def read(self, kind: str, records: Sequence[Json]) -> list[Mapped]:
        """Each by itself; one that cannot be mapped does not touch the others."""
        return [self._read(kind, record) for record in records]

    def _read(self, kind: str, record: Json) -> Mapped:
        part = cut(self._channel, kind, record)
        key = (kind, part.content_hash)
        known = self._recent.get(key)
        if known is not None:
            return known
        self.drift.note(kind, [record])
        mapped = self._recent[key] = map_cut(self._channel, kind, part)
        if len(self._recent) > self._size:
            del self._recent[next(iter(self._recent))]
        return mapped
