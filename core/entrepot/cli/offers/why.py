"""`offers why`: the reason for an offer's number, line by line from the shelf to the channel and back."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from entrepot.cli.offers.drift import drift_rows
from entrepot.cli.offers.explanation import Explanation, Part, Place, Sending, is_capped, result_of, rule_of
from entrepot.cli.show import Times, counted, facts
from entrepot.model import Fulfillment
from entrepot.store.records import OfferRow
from entrepot.sync.description import parse_description

Row = tuple[str, object, str]


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
        yield ("cap", terms.cap, f"{rule_of(terms, 'cap')}, {'' if is_capped(part) else 'not '}reached")


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
    if offer.shown_by == offer.sent_at:
        return f"believed: {offer.shown} was accepted at {times.at(offer.sent_at)}, and not read back yet"
    return f"believed: at most {offer.shown}; {offer.sent} was sent at {times.at(offer.sent_at)}, not read back yet"


def _told(one: Sending, times: Times) -> str:
    ticket = f", job {one.ticket}" if one.ticket else ""
    return f"{times.at(one.at)}, {one.operation}, {result_of(one, times.now)}, attempt {one.attempt[:8]}{ticket}"
