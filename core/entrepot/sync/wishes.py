"""From positions to the quantities that offers should show. Part of every transaction that changes a position."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from entrepot.model import AccountId, EventName, ProblemKind, Sku
from entrepot.stock.publishing import desired_quantity
from entrepot.stock.rules import Terms, least_publish, terms_for
from entrepot.store import Tx
from entrepot.store.records import AccountRow, OfferRow, StreamKind
from entrepot.sync.announce import announce, close_problem, event, next_place, open_problem
from entrepot.sync.catalog import close_left


def channel_time(account: AccountRow, now: datetime) -> datetime:
    """Our instant on the channel's clock, as measured."""
    return now + timedelta(seconds=account.clock_offset)


def wish_again(tx: Tx, skus: Iterable[Sku], now: datetime) -> None:
    """Compute anew what every offer of these articles should show, and tell what changed."""
    changed = sorted(set(skus))
    if not changed:
        return
    for id_, offers in groupby(tx.offers.of_skus(changed), key=lambda offer: offer.account):
        account = tx.accounts.find(id_)
        if account is not None and wish_for(tx, account, list(offers), now):
            wake_publishing(tx, id_, now)
    _tell(tx, changed, now)


def wake_publishing(tx: Tx, account: AccountId, now: datetime, known_until: datetime | None = None) -> None:
    """Wake the pushes of an account where there is something to send.

    `known_until`: up to where its orders are known, where this transaction has yet to store it.
    """
    known = known_until or tx.streams.orders_known_until(account)
    if known is None or tx.offers.to_push(account, known, 1):
        tx.streams.wake(account, StreamKind.PUSH, now)


def wish_for(tx: Tx, account: AccountRow, offers: Sequence[OfferRow], now: datetime) -> bool:
    """Wish a quantity for each offer that has an article. True where a wish is new."""
    bundles = tx.offers.bundles(account.id, [offer.external_id for offer in offers])
    skus = {sku for bundle in bundles.values() for sku in bundle.parts}
    available, terms = tx.ledger.available(skus), terms_of(tx, account, skus)
    anew = False
    for offer in offers:
        bundle = bundles.get(offer.external_id)
        if bundle is None:
            continue
        publish = least_publish(terms[sku] for sku in bundle.parts)
        if publish is not offer.publish:
            tx.offers.allow(offer, publish)
            anew = True
        quantity = desired_quantity(available, bundle, terms)
        if quantity != offer.desired or _slipped(offer):
            at = offer.desired_at if _only_less(offer, quantity) else None
            tx.offers.wish(offer, quantity, at or channel_time(account, now))
            anew = True
    return anew


def _only_less(offer: OfferRow, quantity: int | None) -> bool:
    """Is it the raise that still waits to be sent, less what was sold meanwhile?

    Then it keeps its instant: a raise of what sells at every pass would wait for ever for a pass newer than itself.
    """
    if offer.desired is None or quantity is None:
        return False
    return offer.believed < quantity < offer.desired and offer.desired_version > offer.sent_version


def terms_of(tx: Tx, account: AccountRow, skus: Collection[Sku]) -> Mapping[Sku, Terms]:
    """What the account's rules say of each article."""
    grouped = any(rule.group is not None for rule in account.rules)
    groups = tx.accounts.known_articles(skus) if grouped else {}
    return {sku: terms_for(account.rules, account.id, sku, groups.get(sku, "")) for sku in skus}


def _slipped(offer: OfferRow) -> bool:
    """Does the channel show less than was sent, by sales or by hand, while the wish stayed the same?

    Then it becomes a new version, so that the raise waits for an order pass newer than this moment.
    """
    return offer.desired is not None and offer.believed < offer.desired and offer.desired_version <= offer.sent_version


def _tell(tx: Tx, skus: Sequence[Sku], now: datetime) -> None:
    available = tx.ledger.available(skus)
    first = next_place(tx)
    tx.outbox.add(
        event(EventName.STOCK_CHANGED, None, f"sku/{sku}", place, now, available=available.get(sku))
        for place, sku in enumerate(skus, first)
    )
    close_left(tx, skus, now)
    short = tx.problems.open_among(ProblemKind.STOCK_SHORT, None, [f"sku/{sku}" for sku in skus])
    for sku in skus:
        units = available.get(sku)
        if units is not None and units < 0:
            _tell_shortage(tx, sku, -units, now)
        elif units is not None and f"sku/{sku}" in short:
            close_problem(tx, ProblemKind.STOCK_SHORT, None, f"sku/{sku}", now)


def _tell_shortage(tx: Tx, sku: Sku, units: int, now: datetime) -> None:
    announce(tx, EventName.OVERSELL_RISK_DETECTED, None, f"sku/{sku}", next_place(tx), now, shortage=units)
    message = f"{units} more units of {sku} are promised than are there"
    advice = f"entrepot stock receive {sku} UNITS; or cancel one of: entrepot orders list --sku {sku} --open"
    if not any(place.reserved for place in tx.ledger.positions(sku)):
        message = f"{units} more units of {sku} have left than were there"
        advice = f"no open order is left, so a count or a receipt is: entrepot stock count {sku} UNITS"
    open_problem(tx, ProblemKind.STOCK_SHORT, None, f"sku/{sku}", message, advice, now)
