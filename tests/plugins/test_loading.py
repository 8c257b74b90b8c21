"""What is loaded, what is not, and why."""

import asyncio

import click
import pytest
from packaging.specifiers import SpecifierSet

from entrepot import hookimpl, plugins
from tests.plugins.distributions import ACME, offer

ANY = SpecifierSet()


@hookimpl
def register_channels():
    return [ACME]


@hookimpl
def register_commands(cli):
    cli.add_command(click.Command("acme"))


@hookimpl
async def order_changed(event):
    return event


@hookimpl(specname="stock_changed")
async def tell_warehouse(event):
    return event


@pytest.fixture
def acme(monkeypatch):
    functions = (register_channels, register_commands, order_changed, tell_warehouse)
    return offer(monkeypatch, "acme", **{function.__name__: function for function in functions})


def test_what_is_not_enabled_is_not_imported(monkeypatch):
    entry = offer(monkeypatch, "acme", module="a_module_that_nobody_has")
    loaded = plugins.load({}, entry_points=[entry])
    assert (loaded.faults, loaded.channels) == ((), {})
    [candidate] = loaded.candidates
    assert (candidate.name, candidate.dist, candidate.version) == ("acme", "acme-for-entrepot", "1.0")
    assert candidate.state == "not enabled"
    assert candidate.reason == 'not in [plugins]; `acme = "*"` there enables it'


def test_an_enabled_plugin_brings_its_channels(acme):
    loaded = plugins.load({"acme": ANY}, entry_points=[acme])
    assert (loaded.faults, loaded.channels) == ((), {"acme": ACME})
    assert [(candidate.name, candidate.state) for candidate in loaded.candidates] == [("acme", "loaded")]


def test_observers_have_lasting_names(acme):
    loaded = plugins.load({"acme": ANY}, entry_points=[acme])
    assert [(observer.name, observer.hook) for observer in loaded.observers] == [
        ("acme.order_changed", "order_changed"),
        ("acme.tell_warehouse", "stock_changed"),
    ]
    assert asyncio.run(loaded.observers[0].function("event")) == "event"


def test_commands_are_registered_through_the_manager(acme):
    cli = click.Group()
    plugins.load({"acme": ANY}, entry_points=[acme]).manager.hook.register_commands(cli=cli)
    assert list(cli.commands) == ["acme"]


def test_every_candidate_has_a_reason(acme, monkeypatch):
    entries = [acme, offer(monkeypatch, "idle"), offer(monkeypatch, "empty")]
    loaded = plugins.load({"acme": ANY, "empty": ANY, "gone": ANY}, entry_points=entries)
    assert [(candidate.name, candidate.state) for candidate in loaded.candidates] == [
        ("acme", "loaded"),
        ("empty", "refused"),
        ("gone", "missing"),
        ("idle", "not enabled"),
    ]
    assert all(candidate.reason for candidate in loaded.candidates)


def test_what_is_not_loaded_says_why():
    """Covers R100."""
    entries = [
        offer(None, "broken", module="a_module_that_nobody_has"),
        offer(None, "idle", module="a_module_that_nobody_has"),
        offer(None, "old", module="a_module_that_nobody_has", version="1.9"),
        *(offer(None, "twice", module="a_module_that_nobody_has", dist=dist) for dist in ("theirs", "ours")),
    ]
    wanted = {"broken": ANY, "gone": ANY, "old": SpecifierSet(">=2"), "twice": ANY}
    loaded = plugins.load(wanted, entry_points=entries)
    told = {f"{candidate.name}: {candidate.state}": candidate.reason for candidate in loaded.candidates}
    assert told.keys() == {"broken: refused", "gone: missing", "idle: not enabled", "old: refused", "twice: refused"}
    assert "No module named 'a_module_that_nobody_has'" in told["broken: refused"]
    assert "not installed in this environment" in told["gone: missing"]
    assert "not in [plugins]" in told["idle: not enabled"]
    assert "wants >=2, found 1.9 (from old-for-entrepot)" in told["old: refused"]
    assert "ours and theirs both offer this plugin" in told["twice: refused"]


def test_the_order_of_installation_decides_nothing(monkeypatch):
    names = ["b", "c", "a"]
    entries = [offer(monkeypatch, name, order_changed=order_changed) for name in names]
    loaded = plugins.load(dict.fromkeys(names, ANY), entry_points=entries)
    assert [observer.name for observer in loaded.observers] == ["a.order_changed", "b.order_changed", "c.order_changed"]


def test_an_installed_distribution_is_found(tmp_path, monkeypatch):
    """As pip leaves it: a module, and metadata beside it."""
    (tmp_path / "real_plugin.py").write_text(
        "from entrepot import hookimpl\n\n@hookimpl\nasync def order_changed(event):\n    pass\n"
    )
    metadata = tmp_path / "real_plugin-1.4.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: real-plugin\nVersion: 1.4\n")
    (metadata / "entry_points.txt").write_text("[entrepot.plugins]\nreal = real_plugin\n")
    monkeypatch.syspath_prepend(tmp_path)
    loaded = plugins.load({"real": SpecifierSet(">=1.4")})
    assert loaded.faults == ()
    [candidate] = [candidate for candidate in loaded.candidates if candidate.name == "real"]
    assert (candidate.dist, candidate.version, candidate.state) == ("real-plugin", "1.4", "loaded")
