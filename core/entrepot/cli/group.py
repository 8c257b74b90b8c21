"""The command line's root: global options, the table of commands, and what every failure ends as."""

import importlib
import keyword
from pathlib import Path
from typing import Any

import click
import structlog

from entrepot.cli import logs
from entrepot.cli.context import Home
from entrepot.cli.exits import Exit, exit_table, is_extra, lacking
from entrepot.cli.show import counted, fault_text
from entrepot.errors import ChannelError, ConfigError, StoreError

COMMANDS = {
    "init": "init",
    "doctor": "doctor",
    "try": "trying",
    "run": "running",
    "sync": "running",
    "status": "status",
    "accounts": "accounts",
    "reload": "running",
    "orders": "orders",
    "stock": "stock",
    "offers": "offers",
    "problems": "problems",
    "alerts": "alerts",
    "events": "events",
    "quota": "quota",
    "simulator": "simulators",
    "demo": "demo",
    "store": "store",
    "key": "key",
    "plugins": "plugins",
    "config": "config",
    "new": "new",
}
"""Command to the module of this package that holds it, in the order of `--help`."""

log = structlog.get_logger()


class Commands(click.Group):
    """Our commands, then those of the enabled plugins. A plugin cannot replace one of ours."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(self._of_plugins(ctx).keys() - COMMANDS.keys())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return self._of_plugins(ctx).get(cmd_name)
        try:
            module = importlib.import_module(f"entrepot.cli.{COMMANDS[cmd_name]}")
        except ModuleNotFoundError as missing:
            if not is_extra(missing):
                raise
            return _without(cmd_name, missing)
        command: click.Command = getattr(module, f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as wrong:
            for fault in wrong.faults:
                _say(fault_text(fault))
            _say(f"{counted(len(wrong.faults), 'fault')}. Nothing was started.")
            ctx.exit(Exit.CONFIG)
        except StoreError as refused:
            _say(str(refused))
            ctx.exit(Exit.STORE)
        except ChannelError as refused:
            _say(str(refused))
            ctx.exit(Exit.UNREACHABLE)
        except (KeyboardInterrupt, click.Abort):
            _say("Stopped. What was done until then is kept.")
            ctx.exit(Exit.STOPPED)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception:
            log.exception("defect", command=ctx.invoked_subcommand)
            ctx.exit(Exit.DEFECT)

    def _of_plugins(self, ctx: click.Context) -> dict[str, click.Command]:
        """Nothing where plugins.toml is faulty: `--help` must work, and whatever runs tells the faults."""
        home = ctx.obj if isinstance(ctx.obj, Home) else Home(ctx.params.get("config") or Path("plugins.toml"))
        theirs = click.Group()
        try:
            home.plugins.manager.hook.register_commands(cli=theirs)
        except ConfigError:
            return {}
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; our own commands go on
            _say(f"The commands of a plugin are missing: {type(error).__name__}: {error}")
        return dict(theirs.commands)


@click.group(cls=Commands, epilog=exit_table(), context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default="plugins.toml",
    envvar="ENTREPOT_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The configuration.",
)
@click.option("--log-level", type=click.Choice(logs.LEVELS), default="info", show_default=True)
@click.option("--log-format", type=click.Choice(logs.FORMATS), default="console", show_default=True)
@click.version_option(package_name="entrepot")
@click.pass_context
def main(ctx: click.Context, config: Path, log_level: str, log_format: str) -> None:
    """Orders, stock and money of every sales channel in one place."""
    home = Home(config)
    logs.configure(log_level, log_format, home.redactor)
    ctx.obj = home if ctx.invoked_subcommand in {None, *COMMANDS} else _lent(home)


def _lent(home: Home) -> Any:
    """What a command of a plugin works with."""
    from entrepot.cli.lending import LentAccounts  # noqa: PLC0415 - ours go without, and it brings httpx

    return LentAccounts(home)


def _without(name: str, missing: ModuleNotFoundError) -> click.Command:
    """In the place of a command whose libraries are not installed: whatever it is given."""
    refused = lacking(missing)

    def refuse(words: tuple[str, ...]) -> None:  # noqa: ARG001 - its parameter's name
        raise refused

    anything = click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)
    settings = {"ignore_unknown_options": True}
    return click.Command(name, settings, refuse, [anything], help=f"Not installed: {refused.message}.")


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)
