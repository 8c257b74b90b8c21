"""What is left of broken plugins: nothing. What their authors read for each mistake: tests/golden."""

import attrs
import pytest
from packaging.specifiers import SpecifierSet

from entrepot import channel, hookimpl, plugins
from tests.plugins.distributions import ACME, offer


@hookimpl
def register_channels():
    return [ACME]


@hookimpl
async def order_changed(event):
    pass


def returning(*channels):
    def register_channels():
        return list(channels)

    return {"register_channels": hookimpl(register_channels)}


def fails():
    raise RuntimeError("no database")


@hookimpl(specname="order_changed")
def not_a_coroutine(event):
    pass


@hookimpl(specname="order_changd")
async def misspelled(event):
    pass


BROKEN = {
    "no hook": {"register_channels": lambda: [ACME]},
    "hook raises": {"register_channels": hookimpl(fails)},
    "no list": {"register_channels": hookimpl(lambda: None)},
    "half a list": returning(ACME, "acme"),
    "one id twice": returning(ACME, ACME),
    "observer is no coroutine": {"told": not_a_coroutine, **returning(ACME)},
    "unknown hook": {"told": misspelled, **returning(ACME)},
    "facts": returning(attrs.evolve(ACME, api="2.0")),
}


def load(entries, **enabled):
    wanted = {name: SpecifierSet(specifier) for name, specifier in enabled.items()}
    return plugins.load(wanted, entry_points=entries)


def told(loaded):
    return [(fault.code, fault.path, fault.message, fault.next_action) for fault in loaded.faults]


@pytest.mark.parametrize("functions", BROKEN.values(), ids=BROKEN)
def test_nothing_of_a_broken_plugin_is_loaded(functions, monkeypatch):
    loaded = load([offer(monkeypatch, "acme", **functions)], acme="")
    [fault] = loaded.faults
    assert (loaded.channels, loaded.observers, loaded.manager.get_plugins()) == ({}, (), set())
    [candidate] = loaded.candidates
    assert (candidate.state, candidate.reason) == ("refused", str(fault))


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [
        (">=1,<2", "1.9", True),
        (">=2", "1.9", False),
        ("", "0.1.dev3", True),
        (">=1.0rc1", "1.0rc2", True),
        (">=1,<2", "2.0", False),
    ],
)
def test_versions(wanted, found, fits, monkeypatch):
    entry = offer(monkeypatch, "acme", version=found, register_channels=register_channels)
    loaded = load([entry], acme=wanted)
    if fits:
        assert loaded.faults == ()
    else:
        [fault] = loaded.faults
        assert fault.code == "E204"
        assert fault.message.endswith(f", found {found} (from acme-for-entrepot)")


def test_a_plugin_of_the_wrong_version_is_not_imported(monkeypatch):
    entry = offer(monkeypatch, "acme", module="a_module_that_nobody_has")
    assert [fault.code for fault in load([entry], acme=">=2").faults] == ["E204"]


def test_two_distributions_offer_one_name(monkeypatch):
    entries = [offer(monkeypatch, "acme", dist=dist, **returning(ACME)) for dist in ("theirs", "ours")]
    [fault] = load(entries, acme="").faults
    assert (fault.code, fault.message) == ("E210", "ours and theirs both offer this plugin")


def test_two_plugins_bring_one_channel(monkeypatch):
    entries = [offer(monkeypatch, name, **returning(ACME)) for name in ("first", "second")]
    loaded = load(entries, first="", second="")
    assert told(loaded) == [
        (
            "E206",
            "plugins.toml: plugins.second",
            "channel 'acme' is brought by 'first' already",
            "enable one of the two, or rename a channel",
        )
    ]


def test_broken_plugins_stop_neither_each_other_nor_the_good_one(monkeypatch):
    """All faults at once."""
    entries = [
        offer(monkeypatch, "a_absent", module="a_module_that_nobody_has"),
        offer(monkeypatch, "b_two_mistakes", told=not_a_coroutine, other=misspelled),
        offer(monkeypatch, "good", register_channels=register_channels, order_changed=order_changed),
        offer(monkeypatch, "z_facts", **returning(attrs.evolve(ACME, id="z", api="9.9"))),
    ]
    loaded = load(entries, a_absent="", b_two_mistakes="", good="", missing="", z_facts="")
    assert [fault.code for fault in loaded.faults] == ["E202", "E208", "E207", "E201", "E301"]
    assert loaded.channels == {"acme": ACME}


def test_the_channel_of_these_tests_is_correct():
    assert channel.channel_faults(ACME) == []
