"""What is installed is examined without plugins.toml and without an account."""

import functools

import attrs

from entrepot import channel, hookimpl
from entrepot.plugins import examine
from tests.plugins.distributions import ACME, offer


class Whole:
    async def check(self, request): ...

    async def describe_account(self, request): ...


class Half:
    async def check(self, request): ...

    async def fetch_ordrs(self, request): ...


def connect_whole(settings, ports) -> Whole: ...


def connect_half(settings, ports) -> Half: ...


def connect_unsaid(settings, ports): ...


def connect_strange(settings, ports) -> "Nowhere": ...  # noqa: F821 - as an author may leave it


CHANNEL = attrs.evolve(
    ACME, connect=connect_whole, operations={"check": channel.Reads(), "describe_account": channel.Reads()}
)


def examined(monkeypatch, **changes):
    @hookimpl
    def register_channels():
        return [attrs.evolve(CHANNEL, **changes)]

    @hookimpl
    async def order_changed(event): ...

    entry = offer(monkeypatch, "acme", register_channels=register_channels, order_changed=order_changed)
    return examine("acme", entry_points=[entry, offer(monkeypatch, "other", module="a_module_that_nobody_has")])


def test_a_good_plugin(monkeypatch):
    found = examined(monkeypatch)
    assert found.faults == found.unbound == ()
    assert [one.id for one in found.channels] == ["acme"]
    assert [one.name for one in found.observers] == ["acme.order_changed"]
    assert (found.plugin.dist, found.plugin.version) == ("acme-for-entrepot", "1.0")


def test_operations_are_examined_without_a_connection(monkeypatch):
    faults = examined(monkeypatch, connect=connect_half).faults
    assert [(fault.code, fault.path.rpartition(".")[2]) for fault in faults] == [
        ("E401", "fetch_ordrs"),
        ("E404", "Half"),
    ]


def test_a_class_may_be_its_own_connect(monkeypatch):
    assert [fault.code for fault in examined(monkeypatch, connect=Half).faults] == ["E401", "E404"]


def test_a_connector_whose_class_is_not_said_is_named(monkeypatch):
    for connect in (connect_unsaid, connect_strange, functools.partial(connect_half)):
        found = examined(monkeypatch, connect=connect)
        assert (found.unbound, found.faults) == (("acme",), ())


def test_facts_are_examined(monkeypatch):
    found = examined(monkeypatch, api="9.9")
    assert [fault.code for fault in found.faults] == ["E301"]
    assert found.plugin.state == "refused"


def test_what_cannot_be_imported_says_why(monkeypatch):
    [fault] = examine("gone", entry_points=[offer(monkeypatch, "gone", module="a_module_that_nobody_has")]).faults
    assert (fault.code, fault.path) == ("E202", "installed: plugins.gone")


def test_an_entry_point_that_names_no_module_says_so(monkeypatch):
    [fault] = examine("odd", entry_points=[offer(monkeypatch, "odd", module="my plugin!")]).faults
    assert fault.code == "E202"
    assert fault.message == "its entry point says 'my plugin!', which is no module's name"
