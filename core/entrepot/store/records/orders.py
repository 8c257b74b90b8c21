"""Orders as they were read: what is known of them, their lines, and records that could not be mapped."""

from datetime import datetime

from attrs import frozen

from entrepot.model import AccountId


@frozen
class KnownOrder:
    """What decides whether a document is news."""

    version: int
    revision: str
    content_hash: str
    changed_at: datetime


@frozen
class LineRow:
    """An order's line in the ledger. `booked`: units whose shipment the ledger has."""

    line_id: str
    offer: str
    open: int
    booked: int
    mapped: bool


@frozen
class RawRecord:
    """A record as it was kept, with its place in the order of keeping."""

    place: int
    external_id: str
    body: bytes


@frozen
class DeadLetter:
    """A record that could not be mapped."""

    account: AccountId
    kind: str
    content_hash: str
    reason: str
    body: bytes
