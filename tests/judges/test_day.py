"""The seller's day of `make judges`, tried without other people's clients: ours lives through it, and others lie."""

import sys

import pytest

from judges import seller_day
from judges.day import DONE, STEPS, _outcome, live, sellers, table
from judges.drivers.talk import _done
from judges.seller_day import Day, NotDone, NotOffered


class Told:
    """A client that tells `answers` by step, and does nothing."""

    def __init__(self, **answers):
        self.answers = answers

    def ask(self, asked):
        return self.answers.get(asked["step"], {"not_offered": True})


class Truth:
    """An account where nothing ever changes."""

    def truth(self, name):
        orders = {"302-1": {"status": "unshipped", "lines": [["1", "TEA", 2, 0, 0, 2]]}}
        return {"orders": orders, "stock": {"TEA": 5, "CUP": 7}}[name]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(seller_day, "PATIENCE", 0.05)
    monkeypatch.setattr(seller_day, "LOOK", 0.01)


@pytest.mark.xdist_group("system")
def test_our_client_lives_through_the_whole_day(monkeypatch):
    monkeypatch.setattr(seller_day, "PATIENCE", 20)
    ours = next(iter(sellers()))
    assert ours.command[0] == sys.executable
    assert live(ours, time_scale=1200) == dict.fromkeys(STEPS, DONE)


@pytest.mark.parametrize(
    ("step", "answers"),
    [
        ("authorize", {"authorize": {"answer": ["another store"]}}),
        ("search", {"search_orders": {"answer": []}}),
        ("search", {"search_orders": {"answer": ["302-1", "302-1"]}}),
        ("items", {"order_items": {"answer": [{"sku": "TEA", "quantity": 1}]}}),
        ("ship", {"confirm_shipment": {"answer": None}}),
        ("patch", {"patch_listing": {"answer": "INVALID"}}),
        ("patch", {"patch_listing": {"answer": "ACCEPTED"}}),
        ("put", {"put_listing": {"answer": "ACCEPTED"}}),
        ("report", {"create_report": {"answer": "1"}, "report": {"answer": {"status": "FATAL"}}}),
        ("report", {"create_report": {"answer": "1"}, "report": {"answer": {"status": "IN_QUEUE"}}}),
        ("FBA", {"fba_inventory": {"answer": {"CUP": 8}}}),
        ("search", {"search_orders": {"refused": "Forbidden"}}),
        ("search", {"search_orders": {"raised": "KeyError: 'orders'"}}),
    ],
)
def test_what_only_is_told_is_not_done(step, answers):
    with pytest.raises(NotDone) as verdict:
        STEPS[step](Day(Truth(), Told(**answers)))
    assert not isinstance(verdict.value, NotOffered)


def test_what_is_told_as_it_is_is_done():
    assert _outcome(Day(Truth(), Told(search_orders={"answer": ["302-1"]})), "search") == DONE
    assert _outcome(Day(Truth(), Told(order_items={"answer": [{"sku": "TEA", "quantity": 2}]})), "items") == DONE


def test_what_the_client_has_not_is_not_offered():
    with pytest.raises(NotOffered):
        STEPS["search"](Day(Truth(), Told()))


class Client:
    refusals = (PermissionError,)

    def works(self, order):
        return [order]

    def is_refused(self):
        raise PermissionError("no")

    def fails(self):
        raise KeyError("orders")


@pytest.mark.parametrize(
    ("step", "given", "told"),
    [
        ("works", {"order": "302-1"}, {"answer": ["302-1"]}),
        ("is_refused", {}, {"refused": "PermissionError: no"}),
        ("fails", {}, {"raised": "KeyError: 'orders'"}),
        ("lacks", {}, {"not_offered": True}),
    ],
)
def test_a_driver_tells_what_came_of_a_step(step, given, told):
    assert _done(Client(), step, given) == told


def test_the_table_has_a_column_for_each_step_and_the_reasons_below():
    rows = {"theirs 1": dict.fromkeys(STEPS, DONE) | {"consent": "-", "FBA": "refused: no"}}
    heads, cells, _, reason = table(rows)
    assert heads.split()[:2] == ["authorize", "consent"]
    assert cells.split()[2:4] == [DONE, "-"]
    assert cells.split().count("no") == 1
    assert reason == "theirs 1, FBA: refused: no"
