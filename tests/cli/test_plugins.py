"""`plugins list`, `show` and `check`."""

import attrs
import pytest

from entrepot import hookimpl
from entrepot.channel import Limit
from entrepot.cli.plugins import command as commands
from entrepot.plugins import examine, load
from entrepot_mock_channel import MOCK
from tests.plugins.distributions import offer


@hookimpl
async def order_changed(event): ...


@pytest.fixture
def installed(monkeypatch):
    """Replaces what is installed by plugins that are made here: name to the functions of its module."""

    def install(**plugins):
        entries = [offer(monkeypatch, name, **functions) for name, functions in plugins.items()]
        monkeypatch.setattr(commands, "installed", lambda: tuple(sorted(plugins)))
        monkeypatch.setattr(commands, "examine", lambda name: examine(name, entry_points=entries))

    return install


def bringing(channel):
    return {"register_channels": hookimpl(specname="register_channels")(lambda: [channel])}


def test_a_channel_is_shown_by_its_id_and_by_its_plugin(entrepot, ask):
    for name in ("mock", "mock_channel"):
        page = ask("plugins", "show", name)
        [channel] = page["channels"]
        assert (page["plugin"], page["distribution"], channel["id"]) == (
            "mock_channel",
            "entrepot-mock-channel",
            "mock",
        )
    assert channel["capabilities"] == ["orders", "stock", "bulk_stock"]
    assert channel["settings"][1] == {"name": "token", "type": "secret", "required": True, "default": None}
    assert channel["limits"]["orders"] == {"per_second": 2, "burst": 10, "application": {}}
    facts = {one["name"]: one for one in channel["operations"]}
    assert facts["fetch_orders"]["facts"]["settle_lag"] == 20
    assert facts["push_stock"]["writes"]
    assert facts["push_stock"]["spends"] == {"stock": 1}
    shown = entrepot("plugins", "show", "mock").stdout
    assert "Channel mock: orders, stock, bulk_stock." in shown
    assert "page_size 100, cursor_lifetime 1 h 00 min, settle_lag 20 s" in " ".join(shown.split())


def test_limits_of_an_application_are_shown_below_those_of_an_account(installed, entrepot):
    limit = Limit(5, 5, application={"all": Limit(100, 100)})
    installed(shop=bringing(attrs.evolve(MOCK, limits={**MOCK.limits, "orders": limit}, application="url")))
    shown = [line.split() for line in entrepot("plugins", "show", "shop").stdout.splitlines()]
    assert shown[shown.index(["orders", "5", "5"]) + 1] == ["orders/all,", "of", "all", "accounts", "100", "100"]


def test_every_stated_fact_is_shown(ask):
    shown = {one["name"]: one["facts"] for one in ask("plugins", "show", "mock")["channels"][0]["operations"]}
    stated = attrs.asdict(MOCK.operations["fetch_orders"]).keys() - {"spends", "writes", "removal", "windowed"}
    assert shown["fetch_orders"].keys() == stated


def test_an_optional_setting_shows_its_default(ask, installed):
    settings = attrs.make_class(
        "Optional", {"url": attrs.field(type=str), "region": attrs.field(type=str, default="eu")}
    )
    installed(shop=bringing(attrs.evolve(MOCK, settings=settings)))
    shown = ask("plugins", "show", "shop")["channels"][0]["settings"]
    assert [(one["name"], one["required"], one["default"]) for one in shown] == [
        ("url", True, None),
        ("region", False, "eu"),
    ]


def test_an_observer_is_shown_without_channels(ask, installed, entrepot):
    installed(log={"order_changed": order_changed})
    assert ask("plugins", "show", "log")["observers"] == ["log.order_changed"]
    assert "Observers: log.order_changed." in entrepot("plugins", "show", "log").stdout


def test_what_is_not_enabled_is_shown_by_its_plugin_only(entrepot, installed):
    installed(mock_channel=bringing(MOCK), other=bringing(attrs.evolve(MOCK, id="other_shop")))
    assert "Channel other_shop" in entrepot("plugins", "show", "other").stdout
    assert "there is no channel of an enabled plugin" in entrepot("plugins", "show", "other_shop", code=2).stderr


def test_an_unknown_one_is_refused_with_the_nearest(entrepot):
    assert "nearest is mock_channel" in entrepot("plugins", "show", "mock_chanel", code=2).stderr
    assert "nearest is mock_channel" in entrepot("plugins", "check", "mock_chanel", code=2).stderr


def test_they_work_where_there_is_no_configuration(entrepot, folder):
    (folder / "plugins.toml").unlink()
    assert "Channel mock" in entrepot("plugins", "show", "mock_channel").stdout
    assert "channel mock" in entrepot("plugins", "check").stdout


def test_all_faults_of_what_is_installed_are_told(entrepot, ask, installed):
    installed(
        bad=bringing(attrs.evolve(MOCK, api="9.0", pii_paths={})),
        good=bringing(MOCK),
        strange={"order_changd": hookimpl(order_changed)},
    )
    told = entrepot("plugins", "check", code=78).stdout
    assert "3 faults" in told
    assert "Next: did you mean 'order_changed'?" in told
    found = {one["plugin"]: one for one in ask("plugins", "check", code=78)}
    assert [one["code"] for one in found["bad"]["faults"]] == ["E301", "E308", "E308"]
    assert found["good"]["faults"] == []
    assert [one["code"] for one in found["strange"]["faults"]] == ["E208"]
    assert entrepot("plugins", "check", "good").exit_code == 0
    assert "E301 mock.api" in entrepot("plugins", "show", "bad", code=78).stderr


def test_a_connector_whose_class_is_not_said_is_told(entrepot, installed):
    installed(shop=bringing(attrs.evolve(MOCK, connect=lambda settings, ports: None)))
    assert "its connect names no class" in entrepot("plugins", "check").stdout


def test_the_list_says_why_of_every_kind_of_candidate(entrepot, monkeypatch, folder):
    """Covers R100: installed and not enabled, not installed, of the wrong version, broken, twice."""
    offers = [
        offer(monkeypatch, "mock_channel", **bringing(MOCK)),
        offer(monkeypatch, "idle"),
        offer(monkeypatch, "old", version="1.9"),
        offer(monkeypatch, "odd", module="no module!"),
        *(offer(monkeypatch, "twice", dist=dist) for dist in ("theirs", "ours")),
    ]
    monkeypatch.setattr(
        "entrepot.cli.context.plugins.load", lambda enabled, **rest: load(enabled, entry_points=offers, **rest)
    )
    enabled = 'mock_channel = "*"\nold = ">=2"\nodd = "*"\ntwice = "*"\ngone = "*"\n'
    (folder / "plugins.toml").write_text(f"[plugins]\n{enabled}")
    monkeypatch.setenv("COLUMNS", "300")
    told = {line.split()[0]: line for line in entrepot("plugins", "list", "--why", code=78).stdout.splitlines()[1:]}
    assert "not in [plugins]" in told["idle"]
    assert "wants >=2, found 1.9 (from old-for-entrepot)" in told["old"]
    assert "which is no module's name" in told["odd"]
    assert "ours and theirs both offer this plugin" in told["twice"]
    assert "is enabled, but not installed" in told["gone"]
    assert "enabled in plugins.toml" in told["mock_channel"]


def test_an_enabled_plugin_that_is_not_installed_is_a_fault(entrepot, ask, folder):
    file = folder / "plugins.toml"
    file.write_text(file.read_text().replace("[plugins]", '[plugins]\nmock_chanel = "*"'))
    told = entrepot("plugins", "check", code=78).stdout
    assert "E201 plugins.toml: plugins.mock_chanel" in told
    assert "did you mean 'mock_channel'?" in told
    found = {one["plugin"]: [fault["code"] for fault in one["faults"]] for one in ask("plugins", "check", code=78)}
    assert (found["mock_chanel"], found["mock_channel"]) == (["E201"], [])
    assert "E201" in entrepot("plugins", "check", "mock_chanel", code=78).stdout
    entrepot("plugins", "check", "mock_channel")
    listed = {one["name"]: one["state"] for one in ask("plugins", "list", code=78)}
    assert listed["mock_channel"] == "loaded"
    assert listed["mock_chanel"] != "loaded"


def test_an_enabled_plugin_of_another_version_is_a_fault(ask, folder):
    file = folder / "plugins.toml"
    file.write_text(file.read_text().replace('mock_channel = "*"', 'mock_channel = ">=99"'))
    found = {one["plugin"]: [fault["code"] for fault in one["faults"]] for one in ask("plugins", "check", code=78)}
    assert found["mock_channel"] == ["E204"]
