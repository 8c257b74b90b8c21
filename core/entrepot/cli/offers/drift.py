"""What `offers why` says of quantities that somebody else wrote."""

from collections.abc import Iterator
from datetime import datetime

import orjson
from attrs import frozen

from entrepot.cli.show import Times
from entrepot.model import EventName
from entrepot.store import Tx
from entrepot.store.records import Excess, OfferRow


@frozen
class Drift:
    """The last time that the channel showed what we did not write. `corrected`: our quantity was sent in its place."""

    seen: int
    expected: int
    corrected: bool
    at: datetime


def last_drift(tx: Tx, offer: OfferRow) -> Drift | None:
    told = tx.outbox.latest(EventName.OFFER_DRIFTED, offer.account, f"offer/{offer.external_id}")
    return None if told is None else Drift(**orjson.loads(told.details), at=told.occurred_at)


def drift_rows(drift: Drift | None, excess: Excess | None, times: Times) -> Iterator[tuple[str, object, str]]:
    if excess:
        then = "judged once the orders are known"
        yield ("too high", excess.seen, f"{times.at(excess.seen_at)}, where {excess.shown} was expected; {then}")
    if drift:
        then = "our quantity is sent in its place" if drift.corrected else "nothing is sent"
        reason = f"not written by us, no order explains it; {then}"
        yield ("drifted", drift.seen, f"{times.at(drift.at)}, where {drift.expected} was expected: {reason}")
