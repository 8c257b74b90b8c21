"""Quantities read back: proved, lowered, awaited or wished anew."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from attrs import frozen

from entrepot.model import (
    AccountId,
    Bundle,
    EventName,
    Fulfillment,
    Order,
    OrderLine,
    ProblemKind,
    StockLevel,
)
from entrepot.stock.publishing import Verdict, judge
from entrepot.store import Tx
from entrepot.store.records import AccountRow, Excess, OfferRow, StreamKind
from entrepot.sync.announce import announce, close_problem, open_problem
from entrepot.sync.catalog import close_left
from entrepot.sync.composition import bundles_by_name
from entrepot.sync.drift import announce_drift, is_raised, late_writes, tell_lowered, tell_without_effect
from entrepot.sync.wishes import channel_time, wake_publishing, wish_for

FUTURE = timedelta(days=1)
"""Sales cannot lie so far ahead of our clock."""


@frozen
class Look:
    """A look at a channel: when the request began (channel time), and when to look again if it proved nothing."""

    at: datetime
    again: timedelta


@frozen
class Sighting:
    """A quantity that a channel showed at an instant of its own time from `at` to `by`: a request takes time.

    `again`: when to look again if it is too high, or if a sale in that time leaves open what it means.
    """

    quantity: int
    at: datetime
    by: datetime
    issues: tuple[str, ...]
    again: datetime


def see_levels(tx: Tx, account: AccountRow, levels: Sequence[StockLevel], look: Look, now: datetime) -> None:
    """Take in what a channel shows."""
    bundles = bundles_by_name(tx, account.id, [level.offer for level in levels])
    subjects = [f"offer/{level.offer}" for level in levels]
    missing = tx.problems.open_among(ProblemKind.OFFER_MISSING, account.id, subjects)
    for level in levels:
        seen = _sighting(account, level, look, now)
        offer = tx.offers.find(account.id, level.offer)
        if offer is None or offer.fulfillment is not level.fulfillment:
            offer = _meet(tx, account, offer, level, seen, bundles, now)
        if level.fulfillment is Fulfillment.MERCHANT:
            _see(tx, account, offer, seen, now)
    for subject in sorted(missing):
        close_problem(tx, ProblemKind.OFFER_MISSING, account.id, subject, now)
    wake_publishing(tx, account.id, now)


def _sighting(account: AccountRow, level: StockLevel, look: Look, now: datetime) -> Sighting:
    at = level.observed_at or look.at
    by = level.observed_at or max(look.at, channel_time(account, now))
    return Sighting(level.quantity, at, by, level.issues, now + look.again)


def _meet(
    tx: Tx,
    account: AccountRow,
    known: OfferRow | None,
    level: StockLevel,
    seen: Sighting,
    bundles: Mapping[str, Bundle],
    now: datetime,
) -> OfferRow:
    """Of an offer that is seen for the first time, or fulfilled by another than before: begin with what is shown."""
    tx.offers.see(account.id, level.offer, level.fulfillment, level.quantity, seen.at)
    bundle = bundles.get(level.offer)
    if known is not None:
        tx.offers.show(known, level.quantity, seen.at, seen.by, level.quantity)
    elif bundle is not None:
        tx.offers.map(account.id, level.offer, bundle)
    wish_for(tx, account, [_reload(tx, account.id, level.offer)], now)
    return _reload(tx, account.id, level.offer)


def miss_offers(tx: Tx, account: AccountRow, missing: Iterable[str], again: datetime, now: datetime) -> None:
    """Offers that the channel no longer knows although they are mapped: a quantity was sent, or is wished, for them."""
    for name in missing:
        offer = tx.offers.find(account.id, name)
        if offer is None:
            continue
        _close_attempt(tx, offer, "the channel does not know the offer", now)
        if offer.bundle_version is None:
            tx.offers.verify(account.id, name, None)  # nothing is wished of it
            continue
        tx.offers.observe(
            offer,
            offer.observed or 0,
            offer.observed_at or now,
            offer.observed_by or now,
            issues=offer.issues,
            awaiting_pass=False,
            verify_due=again,
        )
        open_problem(
            tx,
            ProblemKind.OFFER_MISSING,
            account.id,
            f"offer/{name}",
            f"{account.id} shows no offer {name} any more",
            f"list it again on the channel; was the name mistyped? entrepot offers unmap {account.id} {name}",
            now,
        )
        close_left(tx, tx.offers.bundle(account.id, name, offer.bundle_version).parts, now)


def judge_awaiting(tx: Tx, account: AccountRow, known_until: datetime, now: datetime) -> None:
    """After an order pass: the sales that it brought explain what was seen too low, or nothing does."""
    for offer in tx.offers.awaiting(account.id, known_until):
        if offer.observed is not None and offer.observed_at is not None and offer.observed_by is not None:
            times = offer.observed_at, offer.observed_by
            seen = Sighting(offer.observed, *times, offer.issues, offer.verify_due or now)
            _conclude(tx, account, offer, seen, now, orders_complete=True)
    for excess in tx.offers.exceeding(account.id, known_until):
        _judge_excess(tx, account, excess, now)


def _judge_excess(tx: Tx, account: AccountRow, excess: Excess, now: datetime) -> None:
    """Somebody raised it, unless a cancellation did that was not listed then, or a write that came late, or both."""
    put_back = _freed(tx, account.id, excess.offer, excess.shown_at, excess.seen_at)
    offer = tx.offers.find(account.id, excess.offer)
    if offer is None:
        return
    if excess.seen > max([excess.shown, *late_writes(tx, offer, excess.shown_at)]) + put_back:
        announce_drift(tx, account, offer, excess.seen, excess.shown, now)


def _see(tx: Tx, account: AccountRow, offer: OfferRow, seen: Sighting, now: datetime) -> None:
    name = offer.external_id
    if offer.observed_at is not None and seen.at < offer.observed_at:
        return  # an older look answered later
    if offer.sent_at is not None and seen.at < offer.sent_at and seen.quantity != offer.sent:
        return  # began before the write: proves nothing about it
    if is_raised(tx, offer, seen.quantity):
        tx.offers.exceed(Excess(account.id, name, seen.quantity, seen.by, offer.shown, offer.shown_at))
    _close_attempt(tx, offer, "read back", now)
    known_until = tx.streams.orders_known_until(account.id)
    complete = known_until is not None and known_until >= seen.by
    _conclude(tx, account, _reload(tx, account.id, name), seen, now, orders_complete=complete)


def _conclude(
    tx: Tx, account: AccountRow, offer: OfferRow, seen: Sighting, now: datetime, *, orders_complete: bool
) -> None:
    sold_in = partial(tx.orders.sold, offer.account, offer.external_id)
    sold = sold_in(offer.shown_at, seen.by)
    verdict = judge(seen.quantity, offer.desired, _least_known(offer), sold, orders_complete=orders_complete)
    waiting = verdict is Verdict.WAIT
    freed = _freed(tx, offer.account, offer.external_id, seen.at)
    sold_meanwhile = sold_in(seen.at, seen.by)
    unsure = verdict is Verdict.TOO_HIGH or freed or sold_meanwhile
    tx.offers.observe(
        offer,
        seen.quantity,
        seen.at,
        seen.by,
        issues=seen.issues,
        awaiting_pass=waiting,
        verify_due=_look_of_attempt(offer, now) or (seen.again if unsure else None),
    )
    if waiting:
        return
    if sold_meanwhile:
        tx.streams.wake(offer.account, StreamKind.STOCK, seen.again)
    sold_since = sold_in(seen.by, channel_time(account, now) + FUTURE)
    tx.offers.show(offer, seen.quantity, seen.at, seen.by, max(0, seen.quantity - sold_since) + freed)
    if verdict is Verdict.EFFECTIVE:
        _prove(tx, account, offer, seen.quantity, seen.at, now)
    elif verdict is Verdict.DRIFTED:
        announce_drift(tx, account, offer, seen.quantity, max(0, offer.shown - sold), now)
        tell_lowered(tx, account, offer, seen.quantity, now)
    elif verdict is Verdict.TOO_HIGH:
        tell_without_effect(tx, account, offer, seen.quantity, now)
    wish_for(tx, account, [_reload(tx, account.id, offer.external_id)], now)


def _freed(tx: Tx, account: AccountId, offer: str, after: datetime, until: datetime | None = None) -> int:
    """Units of an offer cancelled in that time, by all that is known now: they may be on show again since."""
    orders = [tx.orders.versions(account, number) for number in tx.orders.cancelled_after(account, offer, after)]
    return sum(_freed_of([order for _, order in versions], offer, after, until) for versions in orders)


def _freed_of(versions: Sequence[Order], offer: str, after: datetime, until: datetime | None) -> int:
    known = [
        (order.changed_at, sum(_not_sent(order, line) for line in order.lines if line.offer == offer))
        for order in versions
    ]
    before = [units for at, units in known if at <= after]
    then = [units for at, units in known if until is None or at <= until]
    return max(0, (then[-1] if then else 0) - (before[-1] if before else 0))


def _not_sent(order: Order, line: OrderLine) -> int:
    return line.ordered - order.open_units(line) - line.shipped


def _least_known(offer: OfferRow) -> int:
    """The last number known to have been there; or less, where a decrease of unknown outcome may have been applied."""
    if offer.sent is not None and offer.sent_version > offer.effective_version:
        return min(offer.shown, offer.sent)
    return offer.shown


def _look_of_attempt(offer: OfferRow, now: datetime) -> datetime | None:
    """The look that proves a write which may still arrive. An earlier one does not take its place."""
    return offer.verify_due if offer.attempt and offer.verify_due and offer.verify_due > now else None


def _prove(tx: Tx, account: AccountRow, offer: OfferRow, quantity: int, at: datetime, now: datetime) -> None:
    close_problem(tx, ProblemKind.QUANTITY_DRIFTED, account.id, f"offer/{offer.external_id}", now)
    if offer.sent_version <= offer.effective_version:
        return
    tx.offers.effective(offer, quantity, at)
    announce(
        tx,
        EventName.QUANTITY_PUBLISHED,
        account.id,
        f"offer/{offer.external_id}",
        offer.sent_version,
        now,
        sent=offer.sent,
        seen=quantity,
    )


def _close_attempt(tx: Tx, offer: OfferRow, outcome: str, now: datetime) -> None:
    """A single write of unknown outcome ends with the look at its offers; a bulk job ends by itself."""
    for attempt in tx.offers.open_attempts(offer.account) if offer.attempt else ():
        if attempt.id == offer.attempt and attempt.operation == "push_stock" and attempt.deadline < now:
            tx.offers.release(offer.account, offer.external_id, attempt.id)
            tx.offers.save_result(attempt.id, offer.external_id, outcome)
            items = {item.offer: item.result for item in attempt.items} | {offer.external_id: outcome}
            if all(result is not None for result in items.values()):
                tx.offers.close_attempt(attempt.id, outcome, now)


def _reload(tx: Tx, account: AccountId, offer: str) -> OfferRow:
    row = tx.offers.find(account, offer)
    if row is None:
        msg = f"offer {offer} of {account} vanished inside a transaction"
        raise LookupError(msg)
    return row
