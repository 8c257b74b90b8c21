"""A channel shows other than what we sent: telling so, unless orders or cancellations may explain it."""

from datetime import datetime, timedelta

from entrepot.model import EventName, ProblemKind, Publish, Severity
from entrepot.store import Tx
from entrepot.store.records import AccountRow, OfferRow
from entrepot.sync.announce import announce, next_place, open_problem

LATE = timedelta(hours=1)
"""So long what was accepted may take to show: a channel works off what it accepted, and not always in order."""


def is_raised(tx: Tx, offer: OfferRow, seen: int) -> bool:
    """Does it show more than we wrote, and more than any cancellation of the open orders that we know could put back?

    Of a write that is not proved yet nobody knows what it does: then nothing is told.
    """
    proved = offer.attempt is None and offer.sent_version <= offer.effective_version
    if offer.desired is None or not proved or seen <= max(offer.shown, offer.believed):
        return False
    known = max(offer.shown, offer.believed, *late_writes(tx, offer, offer.shown_at))
    return seen > known + tx.orders.open_units(offer.account, offer.external_id)


def late_writes(tx: Tx, offer: OfferRow, seen_at: datetime) -> list[int]:
    """Quantities of ours that may show only now, behind a later one and behind what was seen at `seen_at`.

    Those that were never answered; and those that were accepted shortly before, when a later one took their place.
    """
    lately = tx.offers.attempts_of(offer.account, offer.external_id)
    fresh = seen_at - LATE
    return [
        item.quantity
        for attempt, item in lately
        if item.result != "" or (item.version < offer.sent_version and attempt.created_at > fresh)
    ]


def announce_drift(tx: Tx, account: AccountRow, offer: OfferRow, seen: int, expected: int, now: datetime) -> None:
    if offer.desired is None:
        return
    announce(
        tx,
        EventName.OFFER_DRIFTED,
        account.id,
        f"offer/{offer.external_id}",
        next_place(tx),
        now,
        seen=seen,
        expected=expected,
        corrected=_is_corrected(account, offer, seen),
    )


def tell_lowered(tx: Tx, account: AccountRow, offer: OfferRow, quantity: int, now: datetime) -> None:
    """Somebody else lowered what we publish."""
    if offer.desired is None or offer.desired <= quantity or not _is_corrected(account, offer, quantity):
        return
    open_problem(
        tx,
        ProblemKind.QUANTITY_DRIFTED,
        account.id,
        f"offer/{offer.external_id}",
        f"{offer.external_id} shows {quantity} on {account.id} and no order explains it; {offer.desired} is sent again",
        f"if somebody keeps changing it by hand, find out who: entrepot offers why {offer.external_id}",
        now,
        Severity.WARNING,
    )


def tell_without_effect(tx: Tx, account: AccountRow, offer: OfferRow, quantity: int, now: datetime) -> None:
    """What the channel accepted is not there, though it had its time: it shows more than a cancellation put back."""
    due = offer.verify_due is not None and offer.verify_due <= now
    accepted = _accepted(tx, offer)
    if not due or accepted is None or not _is_corrected(account, offer, quantity):
        return
    if quantity <= accepted + tx.orders.open_units(offer.account, offer.external_id):
        return
    shown = f"{offer.external_id} shows {quantity} on {account.id}, which had accepted {accepted}"
    open_problem(
        tx,
        ProblemKind.QUANTITY_DRIFTED,
        account.id,
        f"offer/{offer.external_id}",
        f"{shown}; {offer.desired} is sent again",
        f"if it stays so, look at the listing on the channel: entrepot offers why {offer.external_id}",
        now,
        Severity.WARNING,
    )


def _accepted(tx: Tx, offer: OfferRow) -> int | None:
    """The last quantity, if the channel said that it took it and nothing proves it yet."""
    if offer.sent_version <= offer.effective_version:
        return None
    lately = tx.offers.attempts_of(offer.account, offer.external_id)
    taken = any(item.version == offer.sent_version and item.result == "" for _, item in lately)
    return offer.sent if taken else None


def _is_corrected(account: AccountRow, offer: OfferRow, seen: int) -> bool:
    """Is our quantity sent in its place?"""
    return account.publish is offer.publish is Publish.LIVE and offer.desired != seen
