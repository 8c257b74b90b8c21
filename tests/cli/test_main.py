"""The root: options, exit codes, logs, commands of plugins."""

import importlib
import logging
from functools import partial

import click
import pytest
import structlog

from entrepot import hookimpl, plugins
from entrepot.channel import Secret
from entrepot.cli import context, group, logs
from entrepot.cli.exits import MEANINGS, Exit
from entrepot.secrets import Redactor
from tests.plugins.distributions import offer


def test_help_tells_every_exit_code(entrepot):
    shown = entrepot("--help").stdout
    assert all(f"{code.value}  {meaning}" in shown for code, meaning in MEANINGS.items())
    assert set(MEANINGS) == set(Exit)


@pytest.mark.parametrize("command", [name for name in group.COMMANDS if name != "demo"])
def test_every_command_explains_itself(entrepot, command):
    assert entrepot(command, "--help").stdout.startswith("Usage: ")


def test_all_faults_are_told_and_nothing_is_started(entrepot, folder):
    """Covers P8."""
    text = (folder / "plugins.toml").read_text().replace('channel = "mock"', 'channel = "mok"\npublsh = "live"')
    (folder / "plugins.toml").write_text(text + "[acounts]\n")
    told = entrepot("run", code=78).stderr
    assert [line.split()[0] for line in told.splitlines() if line.startswith("E")] == ["E106", "E103", "E103"]
    assert "plugins.toml: accounts.webshop.channel\n" in told
    assert "     Next: did you mean 'mock'? (known here: mock)" in told
    assert told.endswith("3 faults. Nothing was started.\n")
    assert not (folder / "shop.db").exists()


def test_the_file_may_be_named_by_option_or_environment(entrepot, folder, monkeypatch):
    (folder / "plugins.toml").rename(folder / "other.toml")
    told = entrepot("store", "migrate", code=78).stderr
    assert "E101" in told
    assert "Next: entrepot init writes one; or name another: --config FILE" in told
    assert entrepot("--config", "other.toml", "store", "migrate").exit_code == 0
    monkeypatch.setenv("ENTREPOT_CONFIG", "other.toml")
    assert entrepot("store", "migrate").exit_code == 0


def test_an_unknown_command_is_a_mistake_of_usage(entrepot):
    assert "No such command" in entrepot("stok", code=2).stderr


@pytest.mark.parametrize("stop", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_ends_a_command_in_one_line(entrepot, monkeypatch, stop):
    """The first is raised while a command works, the second where it asks something, also by a no."""

    def interrupted(*_):
        raise stop

    monkeypatch.setattr(context.Home, "read", interrupted)
    assert entrepot("status", code=Exit.STOPPED).stderr == "Stopped. What was done until then is kept.\n"


def test_a_defect_is_logged_without_secrets(entrepot, fill, monkeypatch):
    """Covers P9."""

    def fail(*_):
        raise RuntimeError("sent a-simulated-token to the wrong place")

    fill(lambda tx: None)
    monkeypatch.setattr("entrepot.cli.status.account_statuses", fail)
    told = entrepot("status", code=70).stderr
    assert "RuntimeError: sent *** to the wrong place" in told


def test_without_the_simulators_libraries_everything_else_works(entrepot, monkeypatch):
    def import_module(name):
        if name == "entrepot.cli.demo":
            raise ModuleNotFoundError(name="starlette")
        return importlib.__import__(name, fromlist=["main"])

    monkeypatch.setattr(group.importlib, "import_module", import_module)
    assert "simulators need starlette. Next: pip install 'entrepot[simulator]'" in entrepot("demo", code=2).stderr
    assert "status" in entrepot("--help").stdout


@hookimpl
def register_commands(cli):
    cli.add_command(click.Command("labels", callback=partial(click.echo, "printed"), help="Print labels."))
    cli.add_command(click.Command("status", callback=partial(click.echo, "not ours")))


@pytest.fixture
def labels(monkeypatch, folder):
    def load(enabled, **options):
        return plugins_load(
            enabled, entry_points=[offer(monkeypatch, "labels", register_commands=commands[0])], **options
        )

    commands, plugins_load = [register_commands], plugins.load
    monkeypatch.setattr(context.plugins, "load", load)
    text = (folder / "plugins.toml").read_text().replace('mock_channel = "*"', 'labels = "*"')
    (folder / "plugins.toml").write_text(text)
    return commands


def test_plugins_add_commands_and_replace_none(entrepot, labels):
    assert entrepot("labels").stdout == "printed\n"
    assert "Print labels." in entrepot("--help").stdout
    assert "not ours" not in entrepot("status", code=78).output


def test_a_plugin_whose_commands_fail_does_not_take_ours_away(entrepot, labels):
    @hookimpl
    def broken(cli):
        raise RuntimeError("no printer")

    labels[0] = hookimpl(specname="register_commands")(broken)
    result = entrepot("--help")
    assert "no printer" in result.stderr
    assert "status" in result.stdout


def test_plugins_are_listed_with_reasons_even_where_the_rest_is_faulty(entrepot, ask, folder):
    (folder / "plugins.toml").write_text('[plugins]\nmock_channel = "*"\nacme = "*"\n')
    shown = entrepot("plugins", "list", "--why", code=78).stdout
    assert "is enabled, but not installed" in " ".join(shown.split())
    states = {one["name"]: one["state"] for one in ask("plugins", "list", code=78)}
    assert (states["acme"], states["mock_channel"]) == ("missing", "loaded")


@pytest.mark.parametrize("form", logs.FORMATS)
def test_logs_go_to_stderr_without_secrets(form, capsys):
    """Covers P9, in our lines, in tracebacks and in those of libraries."""
    redactor = Redactor()
    logs.configure("info", form, redactor)
    redactor.remember(Secret("letmein-please"))
    log = structlog.get_logger()
    try:
        int("letmein-please")
    except ValueError:
        log.exception("failed", token="abc")
    logging.getLogger("somebody").warning("sent letmein-please")
    logging.getLogger("httpx").info("GET https://shop.example")
    log.debug("nothing to see")
    out, err = capsys.readouterr()
    assert out == ""
    assert "letmein" not in err
    assert "abc" not in err
    assert "ValueError: invalid literal for int() with base 10: '***'" in err
    assert "sent ***" in err
    assert "GET" not in err
    assert "nothing to see" not in err
