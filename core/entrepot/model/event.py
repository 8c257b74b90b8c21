"""What is told to observers, after the commit that made it true."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import frozen

from entrepot.model.ids import AccountId


class EventName(StrEnum):
    """Past participles: each has happened and is stored. Every one is also an observer hook of that name."""

    ORDER_CHANGED = "order_changed"
    STOCK_CHANGED = "stock_changed"
    OVERSELL_RISK_DETECTED = "oversell_risk_detected"
    QUANTITY_PUBLISHED = "quantity_published"
    PUSH_FAILED = "push_failed"
    OFFER_DRIFTED = "offer_drifted"
    STREAM_HEALTH_CHANGED = "stream_health_changed"
    PROBLEM_OPENED = "problem_opened"
    PROBLEM_CLOSED = "problem_closed"


@frozen
class Event:
    """`key` is the same each time the event is told, so a receiver can ignore a repetition.

    Events of one `subject` (an order, an article, an offer, a stream, a problem) are told in order. `account` is None
    for the merchant's own matters.
    """

    name: EventName
    subject: str
    key: str
    occurred_at: datetime
    account: AccountId | None
    details: Mapping[str, Any]
