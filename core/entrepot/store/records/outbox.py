"""Events to tell, and those that an observer could not take."""

from datetime import datetime

from attrs import frozen


@frozen
class OutboxRow:
    """An event to tell, with its place in the order of commits."""

    id: int
    name: str
    subject: str
    key: str
    account: str | None
    occurred_at: datetime
    details: str


@frozen
class ParkedDelivery:
    """An event that an observer failed to take; later events of the same subject wait behind it."""

    observer: str
    event: int
    subject: str
    failures: int
    next_due: datetime
