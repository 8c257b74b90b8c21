"""Articles that left the catalog while something depends on them: a line was deleted, or a SKU was renamed."""

from collections.abc import Collection, Iterable
from datetime import datetime

from entrepot.model import ProblemKind, Sku
from entrepot.store import Tx
from entrepot.store.records import OfferRow
from entrepot.sync.announce import close_problem, open_problem


def tell_left(tx: Tx, catalog: Collection[Sku], now: datetime) -> None:
    """At a start and at a reload: each of them is a problem, and one that is back is none any more."""
    close_left(tx, (sku for sku, _, _ in tx.accounts.articles()), now, back=catalog)
    for sku, _, _ in tx.accounts.articles():
        if sku not in catalog and (needs := _needs(tx, sku)):
            open_problem(
                tx,
                ProblemKind.ARTICLE_LEFT,
                None,
                f"sku/{sku}",
                f"{sku} is not in the catalog any more, and goes on as before: there are {', '.join(needs)}",
                "put it back into the catalog; or, if it has another SKU now, map its offers (entrepot offers map) and "
                f"count it: entrepot stock count {sku} 0",
                now,
            )


def close_left(tx: Tx, skus: Iterable[Sku], now: datetime, back: Collection[Sku] = ()) -> None:
    """Where an article is back, or nothing depends on it any more."""
    subjects = {f"sku/{sku}": sku for sku in skus}
    for subject in tx.problems.open_among(ProblemKind.ARTICLE_LEFT, None, subjects):
        if subjects[subject] in back or not _needs(tx, subjects[subject]):
            close_problem(tx, ProblemKind.ARTICLE_LEFT, None, subject, now)


def _needs(tx: Tx, sku: Sku) -> list[str]:
    """What depends on an article, in words."""
    offers = [row for row in tx.offers.of_skus([sku]) if not is_missing(tx, row)]
    places = [place for place in tx.ledger.positions(sku) if not place.location.startswith("held:")]
    units = {
        "on hand": sum(place.on_hand for place in places),
        "in open orders": sum(place.reserved for place in places),
    }
    named = [f"the offer {row.external_id} on {row.account}" for row in offers]
    return named + [f"{number} units {where}" for where, number in units.items() if number]


def is_missing(tx: Tx, offer: OfferRow) -> bool:
    """Does its channel no longer show it?"""
    subject = f"offer/{offer.external_id}"
    return bool(tx.problems.open_among(ProblemKind.OFFER_MISSING, offer.account, [subject]))
