"""Golden cases: what an operator reads for each way in which a plugin can be broken."""

from datetime import timedelta

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


async def no_counts(request):
    return channel.CountPage("none", [])


def delivering(*sources):
    return {"register_stock_sources": hookimpl(lambda: list(sources))}


def fails():
    raise RuntimeError("no database")


@hookimpl(specname="order_changed")
def not_a_coroutine(event):
    pass


@hookimpl(specname="register_channels")
async def a_coroutine():
    return [ACME]


@hookimpl(specname="order_changd")
async def misspelled(event):
    pass


@hookimpl(specname="order_changed")
async def other_argument(order):
    pass


@hookimpl(specname="order_changed")
async def no_argument():
    pass


@hookimpl(specname="register_commands", wrapper=True)
def wraps(cli):
    return (yield)


HOOKS = (
    "offer_drifted, order_changed, oversell_risk_detected, problem_closed, problem_opened, push_failed, "
    "quantity_published, register_channels, register_commands, register_stock_sources, stock_changed, "
    "stream_health_changed"
)
PATH = "plugins.toml: plugins.acme"

# name: (the module's functions, code, path, message, next action)
CASES = {
    "no hook": (
        {"register_channels": lambda: [ACME]},
        "E203",
        PATH,
        "made__acme implements no hook",
        "mark its functions with `@entrepot.hookimpl`",
    ),
    "hook raises": (
        {"register_channels": hookimpl(fails)},
        "E205",
        "acme.register_channels",
        None,
        "return a list of ChannelType, correctly typed",
    ),
    "no list": (
        {"register_channels": hookimpl(lambda: None)},
        "E205",
        "acme.register_channels",
        "returned NoneType None",
        "return a list of ChannelType",
    ),
    "text": (
        {"register_channels": hookimpl(lambda: "acme")},
        "E205",
        "acme.register_channels",
        "returned str 'acme'",
        "return a list of ChannelType",
    ),
    "something else in the list": (
        returning(ACME, "acme"),
        "E205",
        "acme.register_channels",
        "returned str 'acme'",
        "return a list of ChannelType",
    ),
    "settings": (
        returning(attrs.evolve(ACME, settings=dict)),
        "E205",
        "acme.register_channels",
        "channel 'acme' has no attrs class as settings",
        "decorate it with `@frozen`",
    ),
    "facts of another type": (
        returning(attrs.evolve(ACME, api=1.0)),
        "E205",
        "acme.register_channels",
        None,
        "return a list of ChannelType, correctly typed",
    ),
    "one id twice": (
        returning(ACME, ACME),
        "E206",
        PATH,
        "channel 'acme' is brought twice by 'acme'",
        "enable one of the two, or rename a channel",
    ),
    "observer is no coroutine": (
        {"told": not_a_coroutine},
        "E207",
        "acme.told",
        "order_changed is an observer",
        "write it as `async def`",
    ),
    "registering is a coroutine": (
        {"told": a_coroutine},
        "E207",
        "acme.told",
        "register_channels runs at loading",
        "write it as `def`",
    ),
    "unknown hook": (
        {"told": misspelled},
        "E208",
        "acme.told",
        "there is no hook 'order_changd'",
        f"did you mean 'order_changed'? (known here: {HOOKS})",
    ),
    "unknown argument": (
        {"told": other_argument},
        "E209",
        "acme.told",
        "order_changed is called with (event): missing a required argument: 'order'",
        "take exactly that",
    ),
    "missing argument": (
        {"told": no_argument},
        "E209",
        "acme.told",
        "order_changed is called with (event): got an unexpected keyword argument 'event'",
        "take exactly that",
    ),
    "wrapper": (
        {"told": wraps},
        "E209",
        "acme.told",
        "a wrapper of register_commands",
        "make it a plain implementation",
    ),
    "spends more than a burst": (
        returning(
            attrs.evolve(
                ACME,
                limits={"few": channel.Limit(per_second=1, burst=3)},
                operations={"check": channel.Reads(spends={"few": 3})},
            )
        ),
        "E212",
        "acme.operations.check",
        "check spends 3 of 'few', of whose burst 2 can be used at once",
        "spend less at once, or correct the limit",
    ),
    "sources fail": (
        {"register_stock_sources": hookimpl(fails)},
        "E213",
        "acme.register_stock_sources",
        None,
        "return a list of StockSource",
    ),
    "no list of sources": (
        {"register_stock_sources": hookimpl(lambda: None)},
        "E213",
        "acme.register_stock_sources",
        "returned NoneType None",
        "return a list of StockSource",
    ),
    "no source": (
        delivering("erp"),
        "E213",
        "acme.register_stock_sources",
        "returned str 'erp'",
        "return a list of StockSource",
    ),
    "name of a source": (
        delivering(channel.StockSource("main hall", no_counts)),
        "E213",
        "acme.register_stock_sources",
        "a source is named 'main hall'",
        "name it as a Python variable is named",
    ),
    "source is no coroutine": (
        delivering(channel.StockSource("main", lambda request: None)),
        "E213",
        "acme.register_stock_sources",
        "fetch_counts of main is no coroutine",
        "write it as `async def`",
    ),
    "period of a source": (
        delivering(channel.StockSource("main", no_counts, timedelta(0))),
        "E213",
        "acme.register_stock_sources",
        "the period of main is datetime.timedelta(0)",
        "give a timedelta from 10 s",
    ),
    "one source twice": (
        delivering(channel.StockSource("main", no_counts), channel.StockSource("main", no_counts)),
        "E213",
        "acme.main",
        "2 sources have this name",
        "rename one",
    ),
    "facts": (
        returning(attrs.evolve(ACME, api="2.0")),
        "E301",
        "acme.api",
        "written for channel API 2.0, this Entrepot has 1.0",
        "install versions of plugin and entrepot that belong together",
    ),
}


def load(entries, **enabled):
    wanted = {name: SpecifierSet(specifier) for name, specifier in enabled.items()}
    return plugins.load(wanted, entry_points=entries)


def told(loaded):
    return [(fault.code, fault.path, fault.message, fault.next_action) for fault in loaded.faults]


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_is_one_fault(case, monkeypatch):
    functions, code, path, message, next_action = CASES[case]
    loaded = load([offer(monkeypatch, "acme", **functions)], acme="")
    [fault] = told(loaded)
    assert fault == (code, path, message or fault[2], next_action)
    assert (loaded.channels, loaded.observers, loaded.stock_sources) == ({}, (), ())
    assert loaded.manager.get_plugins() == set()
    [candidate] = loaded.candidates
    assert (candidate.state, candidate.reason) == ("refused", str(loaded.faults[0]))


def test_a_failing_hook_is_located(monkeypatch):
    [fault] = load([offer(monkeypatch, "acme", **CASES["hook raises"][0])], acme="").faults
    assert fault.message.startswith("failed: RuntimeError: no database (")
    assert "test_faults.py, line " in fault.message


def test_not_installed():
    assert told(load([], acme="")) == [
        (
            "E201",
            PATH,
            "plugin 'acme' is enabled, but not installed in this environment",
            "`pip install` the distribution that brings it, or take the line out",
        )
    ]


def test_not_installed_under_this_name(monkeypatch):
    [fault] = load([offer(monkeypatch, "acme_shop")], acme_shp="").faults
    assert fault.next_action.startswith("did you mean 'acme_shop'? Else `pip install`")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import a_module_that_nobody_has", "ModuleNotFoundError: No module named 'a_module_that_nobody_has'"),
        ("raise ValueError('bad day')", "ValueError: bad day"),
        ("import sys; sys.exit('I quit')", "SystemExit: I quit"),
        ("def broken(:", "SyntaxError: invalid syntax"),
    ],
)
def test_a_module_that_cannot_be_imported(source, reason, monkeypatch, tmp_path):
    (tmp_path / "broken_plugin.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    [fault] = load([offer(monkeypatch, "acme", module="broken_plugin")], acme="").faults
    assert (fault.code, fault.path) == ("E202", PATH)
    assert fault.message.startswith(f"import of broken_plugin failed: {reason}")


def test_the_innermost_line_of_a_failed_import_is_named(monkeypatch, tmp_path):
    (tmp_path / "late_plugin.py").write_text("import entrepot\n\nraise ValueError('bad day')\n")
    monkeypatch.syspath_prepend(tmp_path)
    [fault] = load([offer(monkeypatch, "acme", module="late_plugin")], acme="").faults
    assert fault.message.endswith("late_plugin.py, line 3)")


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


def test_one_module_under_two_names(monkeypatch):
    made = offer(monkeypatch, "acme", order_changed=order_changed).value
    loaded = load([offer(monkeypatch, name, module=made) for name in ("acme", "bcme")], acme="", bcme="")
    [fault] = loaded.faults
    assert (fault.code, fault.message) == ("E211", "made__acme is loaded as 'acme' already")


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


def test_every_code_that_occurs_is_documented():
    elsewhere = {"E201", "E202", "E204", "E210", "E211"}
    assert {case[1] for case in CASES.values()} - {"E301"} | elsewhere == set(plugins.CODES)


def test_the_channel_of_these_tests_is_correct():
    assert channel.channel_faults(ACME) == []
