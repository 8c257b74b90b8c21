"""What is to be done about an offer's number, or what it waits for."""

from collections.abc import Iterator
from datetime import datetime

from entrepot.cli.offers.explanation import Explanation, result_of, withheld
from entrepot.cli.show import span
from entrepot.model import Fulfillment, Publish


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
        yield f"Nothing to do: an attempt is open ({result_of(open_one, now)})."
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
