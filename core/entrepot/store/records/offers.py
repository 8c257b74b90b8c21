"""Offers' quantities, and the writes that carried them."""

from datetime import datetime

from attrs import field, frozen

from entrepot.model import AccountId, Fulfillment, Publish


@frozen
class OfferRow:
    """An offer's quantities: desired (ours), sent, believed (to be shown now), observed, effective (proved).

    `shown` was so at one instant from `shown_at` to `shown_by`, `observed` at one from `observed_at` to `observed_by`:
    a request takes time, and a sale during it may be in the number or not.
    """

    account: AccountId
    external_id: str
    fulfillment: Fulfillment
    bundle_version: int | None
    desired: int | None
    desired_version: int
    desired_at: datetime | None
    shown: int
    shown_at: datetime
    shown_by: datetime
    believed: int
    sent: int | None
    sent_version: int
    sent_at: datetime | None
    effective: int | None
    effective_version: int
    effective_at: datetime | None
    observed: int | None
    observed_at: datetime | None
    observed_by: datetime | None
    awaiting_pass: bool
    verify_due: datetime | None
    rejected_version: int | None
    attempt: str | None
    issues: tuple[str, ...] = ()
    publish: Publish = Publish.LIVE  # what the rules allow; the account may allow less


@frozen
class Excess:
    """A quantity seen above the last number known; who wrote it is known once the orders until then are read."""

    account: AccountId
    offer: str
    seen: int
    seen_at: datetime
    shown: int
    shown_at: datetime


@frozen
class AttemptItem:
    """One quantity of an attempt.

    `believed` is what the channel was taken to show, `wished_at` the channel time of the version; `result` is None
    until answered, "" when accepted, else the channel's reason.
    """

    offer: str
    quantity: int
    version: int
    believed: int
    wished_at: datetime
    result: str | None = None


@frozen
class Attempt:
    """A write that was about to be sent. Still open after its deadline: nobody knows whether it arrived."""

    id: str
    account: AccountId
    operation: str
    epoch: int
    created_at: datetime
    deadline: datetime
    content_hash: str
    state: str = "open"
    ticket: str | None = None
    items: tuple[AttemptItem, ...] = field(default=(), eq=False)
