"""A hostile day under rules that differ by account and article."""

from decimal import Decimal

import pytest
from attrs import evolve

from entrepot.model import AccountId, Publish, Sku
from entrepot.simulation.worlds.hostile import live_through
from entrepot.stock.mass_change import Share
from entrepot.stock.rules import Rule
from entrepot.sync import wishes
from tests.simulation.hostile_day import hostile_day

WEBSHOP = AccountId("webshop")
RULES = (
    Rule(1, buffer=2, cap=9),
    Rule(2, account=WEBSHOP, buffer=0, share=Share(Decimal(50)), stop_below=3),
    Rule(3, account=WEBSHOP, sku=Sku("SKU-03"), publish=Publish.SHADOW),
)


@pytest.fixture
def day(tmp_path):
    day = hostile_day(tmp_path, 3)
    return evolve(day, config=evolve(day.config, rules=RULES))


@pytest.mark.simulation
def test_the_promises_hold_under_rules(day):
    """Covers P4, P5: at its own instant no quantity exceeds what the rules of its account make of the stock."""
    assert live_through(day, 3).broken == ()


@pytest.mark.simulation
def test_an_account_that_forgets_its_rules_is_found_out(day, monkeypatch):
    right = wishes.terms_for
    monkeypatch.setattr(wishes, "terms_for", lambda rules, *article: right(rules[:1], *article))
    assert {line.partition(" ")[0] for line in live_through(day, 3).broken} >= {"P4"}
