"""Mutants of Amazon's channel, and of simulators.

Each swaps one function for a broken one, until the test ends.
"""

import random
import re
from datetime import timedelta

from entrepot.simulation.doubles.throttle import Throttle
from entrepot_amazon_sp import catalog, retirement
from entrepot_amazon_sp.documents import content, storage
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.orders import shipments

# Simulators


def simulator_only_says_that_it_ships(monkeypatch):
    monkeypatch.setattr(shipments, "confirm", lambda market, order, package: None)


def simulator_never_refuses(monkeypatch):
    monkeypatch.setattr(Throttle, "take", lambda throttle, limit: None)


def simulator_by_lot(monkeypatch):
    """Chance of its own, beside the seed."""
    own = random.Random()
    monkeypatch.setattr(Account, "wait", lambda account, span: timedelta(seconds=own.uniform(*span)))


# Amazon's documents, and what Amazon removes


def text_sent_as_latin_1(monkeypatch):
    """Whatever charset is declared."""
    monkeypatch.setattr(content, "_encoded", lambda text, charset: text.encode("latin-1", "replace"))


def xml_of_a_storage_is_not_read(monkeypatch):
    monkeypatch.setattr(storage, "_said", lambda name, text: "")


def expired_link_is_a_missing_permission(monkeypatch):
    monkeypatch.setattr(storage, "EXPIRED", re.compile("(?!)"))


def default_names_what_is_removed(monkeypatch):
    name = "listCatalogCategories"
    monkeypatch.setitem(catalog._data()["defaults"], name, f"catalogItemsV0.{name}")


def ends_are_not_told(monkeypatch):
    monkeypatch.setattr(retirement, "NOTICE", timedelta(days=-100_000))


def removed_types_are_sent(monkeypatch):
    monkeypatch.setattr(retirement, "_refuse_what_is_gone", lambda wanted, today: None)
