"""Mutants of what a merchant meets first: plugins, the configuration, the first commands; and of our tests.

Each swaps one function for a broken one, until the test ends.
"""

import sys

from entrepot.cli.doctor import refused
from entrepot.cli.offers import next_step
from entrepot.config import rules
from entrepot.model import business_date, utc
from entrepot.plugins.load import _Loading
from entrepot.plugins.module import import_plugin
from entrepot.store.sqlite import offers
from tests import offline

# Plugins


def import_fails_in_silence(monkeypatch):
    """A plugin that cannot be imported is passed over."""

    def passing_over(offer, path):
        plugin, _ = import_plugin(offer, path)
        return plugin, []

    monkeypatch.setattr(sys.modules["entrepot.plugins.load"], "import_plugin", passing_over)


def absent_plugin_is_not_listed(monkeypatch):
    """What is enabled and nobody brings is left out."""
    monkeypatch.setattr(_Loading, "miss", lambda loading, name, installed: None)


# The configuration


def rules_by_store_are_taken(monkeypatch):
    """A rule for one store is one of the account."""
    monkeypatch.setattr(rules, "refuse_marketplace", lambda table, accounts: table.read("marketplace", str, None))


def accounts_divide_a_pool(monkeypatch):
    build = sys.modules["entrepot.config.build"]  # the package has a function of that name
    monkeypatch.setattr(build, "refuse_divided_pools", lambda accounts, table: None)


# The first day


def doctor_never_asks_elsewhere(monkeypatch):
    """A 403 is a 403."""
    monkeypatch.setattr(refused, "_elsewhere", lambda account: [])


def attempts_forgotten(monkeypatch):
    monkeypatch.setattr(offers.SqliteOffers, "attempts_of", lambda shelf, account, offer, limit=10: [])


def why_says_all_is_well(monkeypatch):
    monkeypatch.setattr(next_step, "_waits", lambda told, now: iter(()))


def days_of_utc(monkeypatch):
    """A day begins at midnight in Greenwich."""

    def day(instant, time_zone):
        return utc(instant).date()

    monkeypatch.setattr(business_date, "__code__", day.__code__)  # modules hold the function itself


# Tests


def suite_may_go_anywhere(monkeypatch):
    monkeypatch.setattr(offline, "is_here", lambda host: True)


def suite_sees_credentials(monkeypatch):
    monkeypatch.setattr(offline, "credentials", lambda names: [])
