from datetime import timedelta

import pytest
from attrs import evolve

from entrepot import channel
from entrepot.channel import bind, channel_faults, connector_faults
from entrepot_mock_channel import MOCK


class Whole:
    """Everything that a connector can do."""

    async def check(self, request): ...
    async def describe_account(self, request): ...
    async def fetch_orders(self, request): ...
    async def fetch_order(self, request): ...
    async def fetch_stock(self, request): ...
    async def push_stock(self, request): ...
    async def submit_bulk(self, request): ...
    async def poll_bulk(self, request): ...
    async def find_bulk(self, request): ...
    async def aclose(self): ...

    def _helper(self, anything, more): ...


def connector(base=Whole, **members):
    """A connector with members added or, where None, taken away."""
    kept = {name: member for name, member in vars(base).items() if not name.startswith("__")}
    return type("Connector", (), {name: member for name, member in (kept | members).items() if member is not None})()


def only(*names):
    return connector(**{name: None for name in vars(Whole) if not name.startswith("_") and name not in names})


def codes(faults):
    return [fault.code for fault in faults]


def test_a_whole_connector_has_every_capability():
    assert connector_faults(MOCK, Whole()) == []
    bound = bind(MOCK, whole := Whole())
    assert (bound.required, bound.orders, bound.stock, bound.bulk_stock) == (whole, whole, whole, whole)


def test_a_capability_that_is_left_out_is_none():
    small = only("check", "describe_account", "fetch_orders")
    assert connector_faults(MOCK, small) == []
    bound = bind(MOCK, small)
    assert (bound.orders, bound.stock, bound.bulk_stock) == (small, None, None)


async def _pages(self, request):
    yield request


async def _two(self, request, cursor): ...
async def _renamed(self, query): ...
async def _defaulted(self, request, *, size=9): ...


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"fetch_ordres": Whole.fetch_orders}, "E401", "no such operation"),
        ({"helper": lambda self: None}, "E401", "no such operation"),
        ({"fetch_orders": lambda self, request: None}, "E402", "`async def`"),
        ({"fetch_orders": _pages}, "E402", "returns one page"),
        ({"fetch_orders": _two}, "E403", "(self, request)"),
        ({"fetch_orders": _renamed}, "E403", "(self, request)"),
        ({"fetch_orders": _defaulted}, "E403", "(self, request)"),
        ({"fetch_orders": staticmethod(Whole.fetch_orders)}, "E402", "coroutine function"),
        ({"check": None}, "E404", "capability required lacks check"),
        ({"fetch_orders": None}, "E404", "capability orders lacks fetch_orders"),
        ({"push_stock": None}, "E404", "capability stock lacks push_stock"),
        ({"find_bulk": None, "poll_bulk": None}, "E404", "capability bulk_stock lacks find_bulk, poll_bulk"),
    ],
)
def test_what_pluggy_would_let_pass_is_refused(members, code, words):
    """Covers P8: before the first call, by name."""
    (fault,) = connector_faults(MOCK, connector(**members))
    assert fault.code == code
    assert words in f"{fault.message} {fault.next_action}"
    assert fault.next_action


def test_a_connector_needs_maps_and_facts_for_what_it_can_do():
    """Covers P8."""
    poor = evolve(MOCK, maps={}, operations={})
    assert codes(connector_faults(poor, Whole())) == ["E405", "E405", *["E302"] * 5]
    assert connector_faults(poor, only("check", "describe_account")) == []


def test_all_faults_of_a_connector_are_told_at_once():
    """Covers P8."""
    broken = connector(fetch_ordres=Whole.fetch_orders, check=lambda self, request: None, push_stock=None)
    assert codes(connector_faults(MOCK, broken)) == ["E402", "E401", "E404"]


OF_APPLICATION = channel.Limit(1, 1, application={"all": channel.Limit(1, 1)})


def read_facts(**changes):
    return {"operations": dict(MOCK.operations) | {"fetch_orders": evolve(MOCK.operations["fetch_orders"], **changes)}}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"api": "2.0"}, "E301", "mock.api"),
        ({"api": "1.99"}, "E301", "mock.api"),
        ({"api": "1"}, "E301", "mock.api"),
        ({"api": ""}, "E301", "mock.api"),
        ({"operations": dict(MOCK.operations) | {"fetch_all": channel.Reads()}}, "E303", "mock.operations.fetch_all"),
        (read_facts(spends={"nothing": 1}), "E304", "mock.operations.fetch_orders"),
        (
            {"operations": dict(MOCK.operations) | {"push_stock": channel.Writes(batch_size=1)}},
            "E305",
            "mock.operations.push_stock",
        ),
        ({"limits": dict(MOCK.limits) | {"more": channel.Limit(0, 1)}}, "E306", "mock.limits.more"),
        ({"limits": dict(MOCK.limits) | {"more": channel.Limit(1, 0)}}, "E306", "mock.limits.more"),
        ({"maps": dict(MOCK.maps) | {"stock": Whole.check}}, "E307", "mock.maps.stock"),
        ({"pii_paths": {"order": ()}}, "E308", "mock.pii_paths"),
        ({"revision": {}}, "E309", "mock.revision"),
        ({"revision": {"order": "seq"}}, "E309", "mock.revision"),
        ({"seller": "merchant"}, "E310", "mock.seller"),
        ({"application": "client"}, "E311", "mock.application"),
        ({"limits": dict(MOCK.limits) | {"more": OF_APPLICATION}}, "E311", "mock.application"),
        (
            {"limits": dict(MOCK.limits) | {"more": evolve(OF_APPLICATION, per_second=0)}, "application": "url"},
            "E306",
            "mock.limits.more",
        ),
    ],
)
def test_a_channels_facts_are_checked(changes, code, path):
    """Covers P8: a missing fact is an error, not a default."""
    faults = channel_faults(evolve(MOCK, **changes))
    assert [(fault.code, fault.path) for fault in faults] == [(code, path)]
    assert faults[0].next_action


@pytest.mark.parametrize(
    "fact", ["page_size", "cursor_lifetime", "settle_lag", "restatement_horizon", "history_horizon"]
)
def test_no_fact_about_orders_has_a_default(fact):
    """Covers P1, R32: the settle lag above all."""
    stated = {
        "page_size": 100,
        "cursor_lifetime": None,
        "settle_lag": timedelta(minutes=2),
        "restatement_horizon": timedelta(days=1),
        "history_horizon": timedelta(days=1),
    }
    del stated[fact]
    operations = dict(MOCK.operations) | {"fetch_orders": channel.Reads(spends={"orders": 1}, **stated)}
    (fault,) = channel_faults(evolve(MOCK, operations=operations))
    assert (fault.code, fault.message) == ("E305", f"fact {fact} is missing")


def test_the_mock_channel_is_in_order():
    assert channel_faults(MOCK) == []
