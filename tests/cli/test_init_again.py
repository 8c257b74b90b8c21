"""`init` where a plugins.toml is: a further account, and every word of the file stays."""

import tomllib

import pytest
from attrs import evolve, frozen
from click.testing import CliRunner

from entrepot import hookimpl, plugins
from entrepot.cli import main
from entrepot.cli.init import command as init
from entrepot_mock_channel import MOCK
from tests.plugins.distributions import offer

FLAGS = ("--channel", "mock", "--setting", "url=https://second.example", "--setting", "token=env:SECOND_TOKEN")
HEAD = '[entrepot]\nstore = "sqlite:shop.db"\n'


@pytest.fixture
def file(folder):
    return folder / "plugins.toml"


def run(*args, answers="", code=0):
    result = CliRunner().invoke(main, ["init", *args], input=answers, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def test_the_account_stands_at_the_end_and_all_else_stays(file, entrepot):
    before = file.read_text() + "# a comment\n"
    file.write_text(before)
    assert run(*FLAGS, "--account", "second").stdout.splitlines() == [
        'Added the account to plugins.toml. Nothing is sent: publish = "shadow".',
        "Next:",
        "  export SECOND_TOKEN=...",
        "  entrepot doctor second",
        "  entrepot sync second",
        "  entrepot offers match",
        "A daemon that runs takes it up: entrepot reload",
    ]
    assert file.read_text().startswith(before)
    assert "# the id is permanent" in file.read_text().removeprefix(before)
    assert tomllib.loads(file.read_text())["accounts"]["second"] == {
        "channel": "mock",
        "publish": "shadow",
        "settings": {"url": "https://second.example", "token": "env:SECOND_TOKEN"},
    }
    assert "second" in entrepot("accounts", "list").stdout


def test_each_account_has_a_simulator_of_its_own(file):
    for account in ("first", "second"):
        told = run("--channel", "mock", "--account", account, "--environment", "simulator").stdout
    assert "  entrepot simulator second --port 8802" in told.splitlines()
    accounts = tomllib.loads(file.read_text())["accounts"]
    assert [accounts[name]["simulator"][-4:] for name in ("first", "second")] == ["8801", "8802"]


def test_who_may_read_the_file_and_where_it_lies_stay(file):
    real = file.rename(file.parent / "shop.toml")
    real.chmod(0o600)
    file.symlink_to(real)
    run(*FLAGS, "--account", "second")
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert "second" in tomllib.loads(real.read_text())["accounts"]


def test_a_free_id_is_suggested(file):
    run(*FLAGS, answers="\n")
    result = run(*FLAGS, answers="\n")
    assert "permanent [mock-2]" in result.stderr
    assert list(tomllib.loads(file.read_text())["accounts"]) == ["webshop", "mock", "mock-2"]


def test_an_id_that_is_taken_is_refused(file):
    before = file.read_text()
    assert "there is an account webshop already" in run(*FLAGS, "--account", "webshop", code=4).stderr
    assert "leave --time-zone out" in run(*FLAGS, "--account", "b", "--time-zone", "UTC", code=2).stderr
    assert file.read_text() == before


@pytest.mark.parametrize(
    "before",
    [
        HEAD,
        HEAD + "[plugins]\n",
        HEAD + "[plugins] # what is listed is loaded\n[[rules]]\nbuffer = 1",
        HEAD.replace("\n", "\r\n") + "[plugins]\r\n",
        "\ufeff" + HEAD,
    ],
)
def test_its_plugin_is_enabled_where_it_is_not(file, before):
    file.write_text(before, "utf-8", newline="")
    run(*FLAGS, "--account", "second")
    text = file.read_bytes().decode("utf-8")
    assert text.replace('mock_channel = ">=0.1,<0.2"', "").split()[:4] == before.split()[:4]
    values = tomllib.loads(text.removeprefix("\ufeff"))
    assert values["plugins"] == {"mock_channel": ">=0.1,<0.2"}
    assert text.count("\r\n") in {0, text.count("\n")}


@pytest.mark.parametrize(
    "inline", ["accounts = {}\n", "plugins = {}\n", 'title = """\n[plugins]\n"""\nplugins.listener = "*"\n']
)
def test_a_file_that_cannot_take_it_gets_the_words_told(file, inline):
    file.write_text(inline + HEAD)
    told = run(*FLAGS, "--account", "second", code=2).stderr
    assert 'mock_channel = ">=0.1,<0.2"' in told
    assert "[accounts.second]" in told
    assert file.read_text() == inline + HEAD
    assert not file.with_suffix(".unfinished").exists()


def test_a_faulty_file_is_to_be_mended_first(file):
    file.write_text(file.read_text() + 'publsh = "live"\n')
    before = file.read_text()
    assert run(*FLAGS, "--account", "second", code=78).stderr.startswith("E103 plugins.toml: rules[0].publsh\n")
    assert file.read_text() == before


@frozen
class Numbered:
    shop: int


def test_a_setting_that_does_not_fit_changes_nothing(file, monkeypatch):
    @hookimpl
    def register_channels():
        return [evolve(MOCK, id="bazaar", settings=Numbered)]

    point = offer(monkeypatch, "bazaar", register_channels=register_channels)
    monkeypatch.setattr(init, "installed", lambda: ("bazaar",))
    monkeypatch.setattr(init, "examine", lambda name: plugins.examine(name, entry_points=[point]))
    before = file.read_text()
    told = run("--channel", "bazaar", "--account", "second", "--setting", 'shop="twelve"', code=78).stderr
    assert told.startswith("E105 plugins.toml: accounts.second.settings.shop\n")
    assert [one.name for one in file.parent.iterdir() if "plugins" in one.name] == ["plugins.toml"]
    assert file.read_text() == before
