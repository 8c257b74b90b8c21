"""The reason for an offer's number: from the shelf to the channel and back."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import evolve, frozen
from rich.console import Console

from entrepot.cli.offers.drift import Drift, drift_rows, last_drift
from entrepot.cli.show import Times, counted, facts, span
from entrepot.model import Bundle, Fulfillment, LocationId, Problem, Publish, Sku
from entrepot.model.ids import is_held
from entrepot.stock.ledger import takes_effect
from entrepot.stock.publishing import desired_quantity
from entrepot.stock.rules import NO_RULE, Terms
from entrepot.store import Tx
from entrepot.store.records import AccountRow, Attempt, AttemptItem, Excess, OfferRow
from entrepot.sync.description import parse_description
from entrepot.sync.uncertain import subject_of
from entrepot.sync.wishes import terms_of

SHOWN_ATTEMPTS = 3

Row = tuple[str, object, str]


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
    """Everything that an offer's number follows from."""

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
    if _is_capped(part):
        yield ("cap", terms.cap, rule_of(terms, "cap"))


def rule_of(terms: Terms, key: str) -> str:
    return f"rule {terms.by[key]}" if key in terms.by else "no rule"


def _is_capped(part: Part) -> bool:
    """Would there be more to show without the cap?"""
    bundle = Bundle(0, {part.sku: part.per_offer})
    fits = desired_quantity({part.sku: part.available}, bundle, {part.sku: evolve(part.terms, cap=None)})
    return part.terms.cap is not None and fits is not None and fits > part.terms.cap


def withheld(offer: OfferRow, parts: Sequence[Part]) -> str:
    """The rule that keeps an offer from being sent, in words; "" where none does."""
    rules = {rule_of(part.terms, "publish") for part in parts if part.terms.publish is offer.publish}
    return "" if offer.publish is Publish.LIVE else f'publish = "{offer.publish}" ({", ".join(sorted(rules))})'


def render(console: Console, why: Explanation, times: Times) -> None:
    by = "us" if why.offer.fulfillment is Fulfillment.MERCHANT else "the channel"
    console.print(f"{why.offer.external_id} on {why.offer.account}, fulfilled by {by}{_stores(why)}")
    rows = [*_stock(why, times), *_quantities(why, times)]
    rows += [
        ("tried", one.quantity, _told(one, times)) for one in why.sendings if one.version != why.offer.sent_version
    ]
    rows += drift_rows(why.drift, why.excess, times)
    rows += [("issue", "", issue) for issue in why.offer.issues]
    rows += [("problem", f"P{one.id}", f"{one.message}; next: {one.next_action}") for one in why.problems]
    console.print(facts(rows))


def _stores(why: Explanation) -> str:
    """Those that show this one number, where there are several."""
    described = parse_description(why.account) if why.account else None
    stores = [place.id for place in described.marketplaces] if described else []
    ours = why.offer.fulfillment is Fulfillment.MERCHANT and len(stores) > 1
    return f", one number for {' '.join(stores)}" if ours else ""


def _stock(why: Explanation, times: Times) -> Iterator[Row]:
    several = len(why.parts) > 1
    for part in why.parts:
        if several or part.per_offer > 1:
            yield ("takes", part.per_offer, f"of {part.sku}")
        if part.places:
            where = ", ".join(_lying(place, alone=len(part.places) == 1) for place in part.places)
            yield ("on hand", sum(place.on_hand for place in part.places), f"{where}: {_since(part.places, times)}")
        reserved = sum(place.reserved for place in part.places)
        orders = f"entrepot orders list --sku {part.sku} --open" if reserved else "no open orders"
        yield ("reserved", -reserved, orders)
        yield from _rules(part)


def _rules(part: Part) -> Iterator[Row]:
    terms = part.terms
    yield ("buffer", -terms.buffer, f"{rule_of(terms, 'buffer')}, never published")
    if terms.share and part.available is not None:
        left = terms.share.of(max(0, part.available - terms.buffer))
        yield ("share", left, f"{rule_of(terms, 'share')}, {terms.share} of what is left after the buffer")
    if "stop_below" in terms.by:
        stopped = part.available is not None and part.available < terms.stop_below
        told = f"nothing is shown, only {part.available} are available" if stopped else "not reached"
        yield ("stop_below", terms.stop_below, f"{rule_of(terms, 'stop_below')}, {told}")
    if terms.cap is not None:
        yield ("cap", terms.cap, f"{rule_of(terms, 'cap')}, {'' if _is_capped(part) else 'not '}reached")


def _lying(place: Place, *, alone: bool) -> str:
    return str(place.location) if alone else f"{place.location} {place.on_hand}"


def _since(places: Sequence[Place], times: Times) -> str:
    number = sum(place.moved_since for place in places)
    moved = counted(number, "movement") if number else "no movement"
    instants = sorted({place.counted_at for place in places if place.counted_at is not None})
    never = [str(place.location) for place in places if place.counted_at is None]
    if not instants:
        return f"never counted, {moved}"
    told = " to ".join(dict.fromkeys(times.at(at) for at in (instants[0], instants[-1])))
    gap = f", {', '.join(never)} never counted," if never else ""
    return f"count{'s' if len(instants) > 1 else ''} of {told}{gap} and {moved} since"


def _quantities(why: Explanation, times: Times) -> Iterator[Row]:
    offer = why.offer
    wished = f"version {offer.desired_version}, {times.at(offer.desired_at)}"
    yield ("desired", offer.desired, wished if offer.desired_version else "no version yet")
    sold = f", {counted(why.sold_since_shown, 'unit')} sold since" if why.sold_since_shown else ""
    yield ("live", offer.believed, f"{_shown(offer, times)}{sold}")
    if offer.sent is not None:
        sending = next((one for one in why.sendings if one.version == offer.sent_version), None)
        yield ("sent", offer.sent, _told(sending, times) if sending else times.at(offer.sent_at))
        proved = offer.effective_version >= offer.sent_version
        read = f"{times.at(offer.effective_at)}, {'' if proved else 'an earlier one, '}read back"
        yield ("effective", offer.effective, "nothing was read back yet" if offer.effective is None else read)
    if offer.observed is not None and offer.observed != offer.shown:
        yield ("last seen", offer.observed, times.at(offer.observed_at))


def _shown(offer: OfferRow, times: Times) -> str:
    """What `live` begins with: only what was read is known."""
    if offer.sent is None or offer.sent_at is None or offer.sent_version <= offer.effective_version:
        return f"showed {offer.shown} at {times.at(offer.shown_at)}"
    if offer.shown_at == offer.sent_at:
        return f"believed: {offer.shown} was accepted at {times.at(offer.sent_at)}, and not read back yet"
    return f"believed: at most {offer.shown}; {offer.sent} was sent at {times.at(offer.sent_at)}, not read back yet"


def _told(one: Sending, times: Times) -> str:
    ticket = f", job {one.ticket}" if one.ticket else ""
    return f"{times.at(one.at)}, {one.operation}, {_result(one, times.now)}, attempt {one.attempt[:8]}{ticket}"


def _result(one: Sending, now: datetime) -> str:
    if one.result is not None:
        return one.result or "accepted"
    if one.state == "running":
        return "the channel works on it"
    return "under way" if now <= one.deadline else "outcome unknown, it is read back"


def next_step(why: Explanation, now: datetime) -> str:
    """What to do, or that there is nothing to do."""
    return next(iter((*_obstacles(why), *_waits(why, now), "Nothing to do.")))


def _obstacles(why: Explanation) -> Iterator[str]:
    """What keeps a number from being sent at all."""
    offer, account = why.offer, why.account
    if offer.fulfillment is Fulfillment.CHANNEL:
        yield "Nothing to do: the channel holds and sends these units."
    if offer.bundle_version is None:
        by_hand = f"entrepot offers map {offer.account} {offer.external_id} SKU"
        yield f"Next: {by_hand}; or add it to the catalog file, then: entrepot problems retry"
    for part in why.parts:
        if part.available is None:
            yield f"Nothing is published of what was never counted. Next: entrepot stock count {part.sku} UNITS"
    if account is None or account.detached_since:
        yield f"{offer.account} is detached: it is not in plugins.toml any more, and nothing is published."
        return
    if account.paused_since:
        yield f"{account.id} is paused: nothing is read or sent. Next: entrepot accounts resume {account.id}"
    if account.parked_since:
        yield f"{account.id} is parked, its credentials are refused. Next: entrepot problems"
    if offer.desired != offer.believed and account.publish is not Publish.LIVE:
        yield (f'Nothing is sent: publish = "{account.publish}". Next: entrepot offers diff {account.id}')
    if offer.desired != offer.believed and offer.publish is not Publish.LIVE:
        yield f"Nothing is sent: {withheld(offer, why.parts)}. Next: entrepot offers diff {account.id}"


def _waits(why: Explanation, now: datetime) -> Iterator[str]:
    """What the loop waits for."""
    offer = why.offer
    if offer.rejected_version == offer.desired_version and offer.desired_version:
        yield "The channel refused this version. Next: mend the offer there; the next change of stock is sent anyway"
    open_one = next((one for one in why.sendings if one.attempt == offer.attempt), None)
    if open_one is not None:
        yield f"Nothing to do: an attempt is open ({_result(open_one, now)})."
    if offer.desired is None:
        return
    if offer.desired < offer.believed:
        yield "Is lowered at once while entrepot run runs."
    if offer.desired > offer.believed:
        yield _raise(why)
    if offer.sent_version > offer.effective_version:
        yield "Nothing to do: sent, and read back at the next look while entrepot run runs."


def _raise(why: Explanation) -> str:
    known, wished = why.orders_known_until, why.offer.desired_at
    if known is None or (wished is not None and known < wished):
        behind = (
            "none has ended yet"
            if known is None or wished is None
            else f"the last one ends {span(wished - known)} before"
        )
        return f"Is raised after an order pass that covers version {why.offer.desired_version}; {behind}."
    return "Is raised with the next push while entrepot run runs."
