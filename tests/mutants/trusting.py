"""Mutants that believe what a channel says of a quantity. Each swaps one function, until the test ends."""

from entrepot.stock.publishing import Verdict
from entrepot.sync import observing, push


def accepted_is_effective(monkeypatch):
    """What was accepted is done, and nobody looks at it again."""

    def close_items(tx, runtime, attempt, report, at, now):
        close(tx, runtime, attempt, report, at, now)
        account = tx.accounts.find(attempt.account)
        for item in attempt.items:
            if report.results[item.offer] is None:
                observing._prove(tx, account, tx.offers.find(account.id, item.offer), item.quantity, at, now)
                tx.offers.verify(account.id, item.offer, None)

    close = push.close_items
    monkeypatch.setattr(push, "close_items", close_items)


def whatever_is_read_back_proves_it(monkeypatch):
    """It is looked at, and not compared."""
    monkeypatch.setattr(observing, "judge", lambda *_, **__: Verdict.EFFECTIVE)


def what_had_no_effect_is_told_nobody(monkeypatch):
    """It is sent again, in silence."""
    for name in ("tell_lowered", "tell_without_effect"):
        monkeypatch.setattr(observing, name, lambda *_: None)
