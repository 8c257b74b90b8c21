"""Everything that an offer's number follows from."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import evolve, frozen

from entrepot.cli.offers.drift import Drift, last_drift
from entrepot.model import Bundle, LocationId, Problem, Publish, Sku
from entrepot.model.ids import is_held
from entrepot.stock.ledger import takes_effect
from entrepot.stock.publishing import desired_quantity
from entrepot.stock.rules import NO_RULE, Terms
from entrepot.store import Tx
from entrepot.store.records import AccountRow, Attempt, AttemptItem, Excess, OfferRow
from entrepot.sync.uncertain import subject_of
from entrepot.sync.wishes import terms_of

SHOWN_ATTEMPTS = 3


@frozen
class Place:
    """An article's units at one location. `counted_at` is that of the count that they start from."""

    location: LocationId
    on_hand: int
    reserved: int
    counted_at: datetime | None
    moved_since: int


@frozen
class Part:
    """An article of an offer, and what the rules say of it. `available`: None while nobody knows how many there are."""

    sku: Sku
    per_offer: int
    available: int | None
    terms: Terms = NO_RULE
    places: Sequence[Place] = ()


@frozen
class Sending:
    """One try to show a quantity. `result`: None while unanswered, "" accepted, else the reason."""

    attempt: str
    operation: str
    quantity: int
    version: int
    at: datetime
    deadline: datetime
    state: str
    ticket: str | None
    result: str | None


@frozen
class Explanation:
    """From the shelf to the channel and back."""

    offer: OfferRow
    account: AccountRow | None
    parts: Sequence[Part]
    sold_since_shown: int
    orders_known_until: datetime | None
    sendings: Sequence[Sending]
    problems: Sequence[Problem]
    drift: Drift | None
    excess: Excess | None


def explain(tx: Tx, offer: OfferRow) -> Explanation:
    account, name = offer.account, offer.external_id
    parts = [evolve(part, places=_places(tx, part.sku)) for part in parts_of(tx, offer)]
    subjects = {f"offer/{name}", *(f"sku/{part.sku}" for part in parts)}
    subjects |= {subject_of(part.sku, place.location) for part in parts for place in part.places}
    return Explanation(
        offer=offer,
        account=tx.accounts.find(account),
        parts=parts,
        sold_since_shown=max(0, offer.shown - offer.believed),
        orders_known_until=tx.streams.orders_known_until(account),
        sendings=[_sending(*pair) for pair in tx.offers.attempts_of(account, name, SHOWN_ATTEMPTS)],
        problems=[one for one in tx.problems.all() if one.subject in subjects and one.account in {account, None}],
        drift=last_drift(tx, offer),
        excess=tx.offers.excess(account, name),
    )


def parts_of(tx: Tx, offer: OfferRow) -> list[Part]:
    """The articles of an offer, without their places; none while it is unmapped."""
    if offer.bundle_version is None:
        return []
    bundle = tx.offers.bundle(offer.account, offer.external_id, offer.bundle_version)
    available, account = tx.ledger.available(bundle.parts), tx.accounts.find(offer.account)
    terms = terms_of(tx, account, bundle.parts) if account else {}
    return [Part(sku, units, available.get(sku), terms.get(sku, NO_RULE)) for sku, units in bundle.parts.items()]


def _places(tx: Tx, sku: Sku) -> list[Place]:
    places = []
    for position in tx.ledger.positions(sku):
        if is_held(position.location):
            continue
        _, counted_at = tx.ledger.position(sku, position.location)
        moved = sum(
            move.location == position.location and takes_effect(move.effective_at, counted_at)
            for move in tx.ledger.movements(sku)
        )
        places.append(Place(position.location, position.on_hand, position.reserved, counted_at, moved))
    return places


def _sending(attempt: Attempt, item: AttemptItem) -> Sending:
    return Sending(
        attempt.id,
        attempt.operation,
        item.quantity,
        item.version,
        attempt.created_at,
        attempt.deadline,
        attempt.state,
        attempt.ticket,
        item.result,
    )


def reason(parts: Sequence[Part]) -> str:
    """Our number in half a line."""
    if len(parts) == 1 and parts[0].per_offer == 1:
        return _what_is_there(parts[0])
    return "takes " + ", ".join(f"{part.per_offer} of {part.sku} ({_what_is_there(part)})" for part in parts)


def _what_is_there(part: Part) -> str:
    return ", ".join([f"available {part.available}", *(f"{key} {value} ({rule})" for key, value, rule in _steps(part))])


def _steps(part: Part) -> Iterator[tuple[str, object, str]]:
    """What the rules take away, each with its rule; below `stop_below` nothing else matters."""
    terms = part.terms
    if terms.stop_below and part.available is not None and part.available < terms.stop_below:
        yield ("stop_below", terms.stop_below, rule_of(terms, "stop_below"))
        return
    if terms.buffer:
        yield ("buffer", terms.buffer, rule_of(terms, "buffer"))
    if terms.share:
        yield ("share", terms.share, rule_of(terms, "share"))
    if is_capped(part):
        yield ("cap", terms.cap, rule_of(terms, "cap"))


def rule_of(terms: Terms, key: str) -> str:
    return f"rule {terms.by[key]}" if key in terms.by else "no rule"


def is_capped(part: Part) -> bool:
    """Would there be more to show without the cap?"""
    bundle = Bundle(0, {part.sku: part.per_offer})
    fits = desired_quantity({part.sku: part.available}, bundle, {part.sku: evolve(part.terms, cap=None)})
    return part.terms.cap is not None and fits is not None and fits > part.terms.cap


def withheld(offer: OfferRow, parts: Sequence[Part]) -> str:
    """The rule that keeps an offer from being sent, in words; "" where none does."""
    rules = {rule_of(part.terms, "publish") for part in parts if part.terms.publish is offer.publish}
    return "" if offer.publish is Publish.LIVE else f'publish = "{offer.publish}" ({", ".join(sorted(rules))})'


def result_of(one: Sending, now: datetime) -> str:
    """What became of a try, in words."""
    if one.result is not None:
        return one.result or "accepted"
    if one.state == "running":
        return "the channel works on it"
    return "under way" if now <= one.deadline else "outcome unknown, it is read back"
