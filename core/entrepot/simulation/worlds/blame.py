"""Who oversold: we, by what we sent or held back, or the time that a channel takes to show its orders."""

from datetime import datetime, timedelta

from entrepot.model import AccountId
from entrepot.simulation.markets.market import Market
from entrepot.simulation.worlds.knowledge import EVER, Knowledge, unseen_sales
from entrepot.simulation.worlds.replay import Oversold, Return
from entrepot.store import Tx

PATIENCE = timedelta(seconds=60)
"""A decrease that we know of is sent within this time, or what it oversells is of our making."""


def is_ours(tx: Tx, market: Market, case: Oversold, known: Knowledge) -> bool:
    """Did the buyer buy from a number that we should not have sent, or should have lowered?"""
    return _sent_too_much(tx, market, case, known) or _held_back(tx, case, known)


def _sent_too_much(tx: Tx, market: Market, case: Oversold, known: Knowledge) -> bool:
    if case.write is None:
        return False
    write = case.write
    attempts = tx.offers.attempts_of(case.account, write.offer, EVER)
    sent = [pair for pair in attempts if pair[0].created_at <= write.at and pair[1].quantity == write.quantity]
    if not sent:
        return True  # written behind the ledger's back
    attempt, item = sent[0]
    too_high = item.quantity > known.allowed_at(case.account, item.offer, attempt.created_at)
    return too_high or any(unseen_sales(tx, market, attempt, item))


def _held_back(tx: Tx, case: Oversold, known: Knowledge) -> bool:
    since = case.sale.at - PATIENCE
    unknown = sum(back.units for back in case.returns if not _return_stored_by(tx, case.account, back, since))
    return known.allowed_during(case.account, case.sale.offer, since, case.sale.at) < case.sale.shown - unknown


def _return_stored_by(tx: Tx, account: AccountId, back: Return, instant: datetime) -> bool:
    versions = tx.orders.versions(account, back.order)
    return any(stored_at <= instant and order.changed_at >= back.at for stored_at, order in versions)
