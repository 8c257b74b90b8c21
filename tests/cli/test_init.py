"""`init`: a first file from a few answers, for whatever plugin is installed."""

import tomllib
from typing import Annotated

import pytest
from attrs import evolve, frozen
from click.testing import CliRunner

from entrepot import channel, hookimpl, plugins
from entrepot.cli import main
from entrepot.cli.init import command as init
from entrepot.cli.init import first_file
from entrepot_mock_channel import MOCK
from tests.cli.shop import CATALOG
from tests.plugins.distributions import offer

FLAGS = (
    *("--channel", "mock", "--account", "webshop", "--setting", "url=https://shop.example"),
    *("--setting", "token=env:WEBSHOP_TOKEN"),
)


@pytest.fixture
def empty(folder):
    for name in ("plugins.toml", "skus.csv"):
        (folder / name).unlink()
    return folder


@pytest.fixture
def answered(empty):
    """Run `init` with answers on stdin."""

    def run(*args, answers=(), code=0):
        typed = "".join(f"{line}\n" for line in answers)
        result = CliRunner().invoke(main, ["init", *args], input=typed, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def written(folder):
    return tomllib.loads((folder / "plugins.toml").read_text("utf-8"))


def test_flags_ask_nothing_and_the_next_commands_are_told(answered, empty):
    shown = answered(*FLAGS).stdout
    assert shown.splitlines() == [
        'Wrote plugins.toml and skus.csv. Nothing is sent: publish = "shadow".',
        "Next:",
        "  export WEBSHOP_TOKEN=...",
        "  write your articles into skus.csv, one a line: sku,title",
        "  entrepot doctor webshop",
        "  entrepot sync webshop",
        "  entrepot offers match",
    ]
    assert written(empty)["accounts"] == {
        "webshop": {
            "channel": "mock",
            "publish": "shadow",
            "settings": {"url": "https://shop.example", "token": "env:WEBSHOP_TOKEN"},
        }
    }
    assert (empty / "skus.csv").read_text() == "sku,title\n"


def test_what_was_written_is_a_configuration(answered, entrepot, empty, monkeypatch):
    answered(*FLAGS, "--time-zone", "Europe/Berlin")
    monkeypatch.setenv("WEBSHOP_TOKEN", "a-secret-token")
    entrepot("store", "migrate")
    assert "not started yet" in entrepot("status").stdout


def test_questions_come_from_the_settings_class(answered, empty):
    result = answered(answers=["mock", "shop-2", "https://shop.example", ""])
    assert "token (a secret: env:NAME or file:PATH) [env:SHOP_2_TOKEN]" in result.stderr
    assert written(empty)["accounts"]["shop-2"]["settings"] == {
        "url": "https://shop.example",
        "token": "env:SHOP_2_TOKEN",
    }


def test_stdout_is_one_document(answered, empty):
    document = answered(*FLAGS, "--format", "json").stdout
    assert '"secrets": [\n    "export WEBSHOP_TOKEN=..."\n  ]' in document


@frozen
class Settings:
    """Every sort of field."""

    shop: int
    hosts: tuple[str, ...]
    key: channel.Secret
    second_key: channel.Secret | None = None
    zone: Annotated[str, "any"] = "eu"


@pytest.fixture
def other_plugin(monkeypatch):
    """An installed plugin whose channel has several regions, and settings of its own."""

    @hookimpl
    def register_channels():
        own = {"settings": Settings, "marketplaces": {"DE": "EU", "US": "NA"}, "simulator_settings": {}}
        return [evolve(MOCK, id="bazaar", **own)]

    point = offer(monkeypatch, "bazaar", register_channels=register_channels)
    monkeypatch.setattr(init, "installed", lambda: ("bazaar",))
    monkeypatch.setattr(init, "examine", lambda name: plugins.examine(name, entry_points=[point]))


def test_any_plugin_is_asked_about(answered, empty, other_plugin):
    answered("--channel", "bazaar", "--account", "9-eu", answers=["de", "12", '["a.example"]', "file:secrets/key"])
    account = written(empty)["accounts"]["9-eu"]
    assert account["marketplaces"] == ["DE"]
    assert account["settings"] == {"shop": 12, "hosts": ["a.example"], "key": "file:secrets/key"}
    text = (empty / "plugins.toml").read_text()
    assert [line.split() for line in text.splitlines() if line.startswith("# ") and "left out" in line] == [
        ["#", "second_key", "=", "#", "left", "out:", "empty"],
        ["#", "zone", "=", "#", "left", "out:", "eu"],
    ]


def test_an_answer_that_cannot_be_is_asked_again(answered, empty):
    told = answered(answers=["mock", "w", "https://shop.example", "sesame-open", "env:W_TOKEN"])
    assert "Error: token is a secret, and is never written into the file" in told.stderr
    assert written(empty)["accounts"]["w"]["settings"]["token"] == "env:W_TOKEN"


@pytest.mark.parametrize(
    ("names", "words"),
    [(("DE", "UK"), "there is no marketplace UK"), (("DE", "US"), "they are of regions EU and NA")],
)
def test_marketplaces_are_of_one_region(answered, empty, other_plugin, names, words):
    flags = [flag for name in names for flag in ("--marketplace", name)]
    assert words in answered("--channel", "bazaar", "--account", "b", *flags, code=2).stderr
    assert list(empty.iterdir()) == []


def test_another_file_is_named_in_the_next_commands(empty):
    result = CliRunner().invoke(main, ["--config", "shop/plugins.toml", "init", *FLAGS])
    assert "  entrepot --config shop/plugins.toml doctor webshop" in result.stdout.splitlines()


def test_a_setting_that_does_not_fit_leaves_nothing_behind(answered, empty, other_plugin):
    told = answered(
        *("--channel", "bazaar", "--account", "b", "--marketplace", "DE", "--setting", 'shop="twelve"'),
        *("--setting", "hosts=[]", "--setting", "key=env:KEY"),
        code=78,
    ).stderr
    assert told.startswith("E105 plugins.toml: accounts.b.settings.shop\n")
    assert list(empty.iterdir()) == []


def test_an_account_at_a_simulator_is_invented(answered, empty):
    shown = answered("--channel", "mock", "--environment", "simulator").stdout
    assert shown.splitlines() == [
        'Wrote plugins.toml and skus.csv. Nothing is sent: publish = "shadow".',
        "Next:",
        "  entrepot simulator mock --port 8801",
        "  entrepot doctor mock",
        "  entrepot sync mock",
        "  entrepot offers match",
    ]
    assert written(empty)["accounts"]["mock"]["settings"] == MOCK.simulator_settings
    assert len((empty / "skus.csv").read_text().splitlines()) > 2


def test_what_an_option_says_is_not_invented(answered, entrepot, empty):
    flags = ("--channel", "mock", "--account", "w", "--environment", "simulator")
    answered(*flags, "--setting", "token=sesame-open")
    assert written(empty)["accounts"]["w"]["settings"] == dict(MOCK.simulator_settings, token="sesame-open")
    entrepot("store", "migrate")  # a configuration


def test_a_simulator_is_of_some_store_and_what_its_channel_does_not_invent_is_asked(answered, empty, other_plugin):
    answers = ["12", "[]", "written-out"]
    answered("--channel", "bazaar", "--environment", "simulator", answers=answers)
    account = written(empty)["accounts"]["bazaar"]
    assert account["marketplaces"] == ["DE"]
    assert account["settings"] == {"shop": 12, "hosts": [], "key": "written-out"}


@pytest.mark.parametrize("name", ["plugins.toml", "other.toml"])
def test_a_file_is_never_overwritten(answered, empty, name):
    (empty / name).write_text("mine")
    told = CliRunner().invoke(main, ["--config", name, "init", *FLAGS])
    assert told.exit_code == 78
    assert told.stderr.startswith(f"E102 {name}\n")
    assert (empty / name).read_text() == "mine"
    assert not (empty / "skus.csv").exists()


def test_whoever_is_quicker_keeps_the_file(answered, empty, monkeypatch):
    lines = first_file._lines

    def slow(answers):
        (empty / "plugins.toml").write_text("theirs")
        yield from lines(answers)

    monkeypatch.setattr(first_file, "_lines", slow)
    answered(*FLAGS, code=4)
    assert (empty / "plugins.toml").read_text() == "theirs"


def test_a_catalog_that_is_there_stays(answered, empty):
    (empty / "skus.csv").write_text(CATALOG)
    assert answered(*FLAGS).stdout.startswith("Wrote plugins.toml. ")
    assert (empty / "skus.csv").read_text() == CATALOG


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--channel", "mok"), "nearest is mock"),
        (("--channel", "mock", "--account", "no/slash"), "use letters, digits, - and _"),
        ((*FLAGS[:4], "--setting", "tokn=env:X"), "nearest is token"),
        ((*FLAGS[:4], "--setting", "url"), "--setting url=VALUE"),
        ((*FLAGS[:6], "--setting", "token=sesame-open"), "token is a secret, and is never written into the file"),
    ],
)
def test_refusals_say_what_to_do(answered, empty, args, words):
    told = answered(*args, code=2)
    assert words in told.stderr
    assert "sesame-open" not in told.output
    assert list(empty.iterdir()) == []


def test_a_text_that_is_named_is_to_be_put_in_place_too(answered, empty):
    flags = ("--channel", "mock", "--account", "w", "--setting", "url=env:SHOP_URL", "--setting", "token=file:token")
    lines = answered(*flags).stdout.splitlines()
    assert lines[2:4] == ["  export SHOP_URL=...", "  put it into token, readable by you only"]


@pytest.mark.parametrize("flags", [("--marketplace", "de,nl"), ("--marketplace", "DE", "--marketplace", "NL")])
def test_marketplaces_are_named_together_or_one_by_one(answered, empty, monkeypatch, flags):
    @hookimpl
    def register_channels():
        return [evolve(MOCK, marketplaces={"DE": "EU", "NL": "EU"})]

    point = offer(monkeypatch, "bazaar", register_channels=register_channels)
    monkeypatch.setattr(init, "installed", lambda: ("bazaar",))
    monkeypatch.setattr(init, "examine", lambda name: plugins.examine(name, entry_points=[point]))
    answered(*FLAGS, *flags)
    assert written(empty)["accounts"]["webshop"]["marketplaces"] == ["DE", "NL"]
