"""`init`: a first plugins.toml, or a further account in it, from a few answers."""

import shlex
from collections.abc import Container, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import click
from attrs import frozen
from rich.console import Console

from entrepot.channel import ChannelType, Environment
from entrepot.cli.context import Home, pass_home, unknown
from entrepot.cli.exits import Guarded, Refused
from entrepot.cli.init import first_file
from entrepot.cli.init.first_file import Answers, Question
from entrepot.cli.init.further_account import accounts_of, append
from entrepot.cli.show import answer, as_format
from entrepot.config.accounts import is_id
from entrepot.plugins import Examination, examine, installed

FIRST_PORT = 8801
"""Of simulators."""


@frozen
class Begun:
    """What was written, what is still to be put in place, and the commands that come next.

    `added`: to a file that was there.
    """

    written: Sequence[str]
    added: bool
    secrets: Sequence[str]
    next: Sequence[str]


@click.command()
@click.option("--channel", help="A kind of channel that an installed plugin brings.")
@click.option("--account", help="The account's id, which is permanent: letters, digits, - and _.")
@click.option("--setting", "settings", multiple=True, metavar="NAME=VALUE", help="A secret as env:NAME or file:PATH.")
@click.option("--marketplace", "marketplaces", multiple=True, help="Where the account sells: DE,NL, or several times.")
@click.option(
    "--environment",
    type=click.Choice([one.value for one in Environment]),
    default=Environment.PRODUCTION.value,
    show_default=True,
)
@click.option("--time-zone", help="Of reports and of dates in a new file. Default: UTC.")
@as_format
@pass_home
def init(
    home: Home,
    channel: str | None,
    account: str | None,
    settings: tuple[str, ...],
    marketplaces: tuple[str, ...],
    environment: str,
    time_zone: str | None,
    form: str,
) -> None:
    """Write a commented plugins.toml for one account, and a catalog to fill. Asks what the options do not say.

    Secrets are named, never written. A file that is there already gets the account as a further one, and keeps all that
    is written in it. For `--environment simulator` nothing is asked but the channel, and what that does not invent; a
    new catalog has a few invented articles.
    """
    taken = accounts_of(home.document) if home.path.exists() else None
    if taken is not None and time_zone is not None:
        raise Refused(f"{home.path} says the time zone itself. Next: leave --time-zone out")
    plugin, kind = _choose(channel)
    world = Environment(environment)
    simulated = world is Environment.SIMULATOR
    id_ = _account(account, kind, taken or {}, simulated=simulated)
    invented = kind.simulator_settings if simulated else {}
    given = {**invented, **dict(_pair(text) for text in settings)}
    questions = first_file.questions(kind, id_, world)
    if surplus := given.keys() - {one.name for one in questions}:
        raise unknown("setting", min(surplus), [one.name for one in questions])
    answers = Answers(
        plugin=plugin.plugin.name,
        version=plugin.plugin.version,
        channel=kind,
        account=id_,
        environment=world,
        simulator=_free_port(taken or {}),
        marketplaces=_marketplaces(kind, marketplaces or (tuple(kind.marketplaces)[:1] if simulated else ())),
        settings={one.name: _value(one, given.get(one.name)) for one in questions if one.required or one.name in given},
        time_zone=time_zone or "UTC",
    )
    written = first_file.write(home.path, answers) if taken is None else [append(home, answers)]
    begun = Begun([str(path) for path in written], taken is not None, _secrets(answers), _next(home.path, answers))
    answer(begun, form, lambda console: _render(console, begun, world))


def _choose(name: str | None) -> tuple[Examination, ChannelType]:
    """Imports the installed plugins: what is enabled is not known yet."""
    found = {
        channel.id: (one, channel) for one in map(examine, installed()) if not one.faults for channel in one.channels
    }
    if not found:
        raise Refused("no installed plugin brings a channel. Next: install one, then: entrepot plugins check")
    wanted = name or click.prompt("Channel", type=click.Choice(sorted(found)), err=True)
    if wanted not in found:
        raise unknown("channel of an installed plugin", wanted, found)
    return found[wanted]


def _account(given: str | None, kind: ChannelType, taken: Container[str], *, simulated: bool) -> str:
    usual = kind.id.replace("_", "-")
    free = next(name for number in count(1) if (name := usual if number == 1 else f"{usual}-{number}") not in taken)
    if given is None and simulated:
        return free
    text: str = given or click.prompt("Account id, which is permanent", default=free, err=True)
    if text in taken:
        raise Guarded(f"there is an account {text} already, and its id is permanent. Next: --account with another id")
    if not is_id(text):
        raise Refused(f"{text!r} is no account id. Next: use letters, digits, - and _")
    return text


def _free_port(taken: Mapping[str, Any]) -> int:
    """None that another account's simulator is at."""
    addresses = [one.get("simulator") for one in taken.values() if isinstance(one, dict)]
    return next(port for port in count(FIRST_PORT) if f"http://127.0.0.1:{port}" not in addresses)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Refused(f"--setting {name} has no value. Next: --setting {name}=VALUE")
    return name, value


def _value(question: Question, given: str | None) -> str:
    """As TOML. Raises Refused for an option that the setting cannot be; an answer that it cannot be is asked again."""
    if given is not None:
        return question.toml(given)

    def usable(text: str) -> str:
        try:
            return question.toml(text)
        except Refused as wrong:
            raise click.UsageError(wrong.message) from wrong

    answered: str = click.prompt(question.text, default=question.suggestion or None, value_proc=usable, err=True)
    return answered


def _marketplaces(kind: ChannelType, given: tuple[str, ...]) -> tuple[str, ...]:
    """Raises Refused for unknown ones, and for some of several regions."""
    names = [name.strip() for text in given for name in text.split(",")]
    if not kind.marketplaces:
        return tuple(filter(None, names))
    known = ", ".join(kind.marketplaces)
    names = names or click.prompt(f"Marketplaces, with commas between ({known})", err=True).split(",")
    chosen = tuple(name.strip().upper() for name in names if name.strip())
    for name in chosen:
        if name not in kind.marketplaces:
            raise unknown("marketplace", name, kind.marketplaces)
    regions = sorted({kind.marketplaces[name] for name in chosen})
    if len(regions) > 1:
        raise Refused(f"they are of regions {' and '.join(regions)}. Next: make an account for each region")
    return chosen


def _secrets(answers: Answers) -> list[str]:
    """What to do for each reference; a text that is no secret may be one, too."""
    steps = []
    for question in first_file.questions(answers.channel, answers.account, answers.environment):
        value = answers.settings.get(question.name, "")
        scheme, _, name = value.strip('"').partition(":") if value.startswith('"') else ("", "", "")
        if scheme == "env":
            steps.append(f"export {name}=...")
        elif scheme == "file":
            steps.append(f"put it into {name}, readable by you only")
    return steps


def _next(path: Path, answers: Answers) -> list[str]:
    base = "entrepot" if path == Path("plugins.toml") else shlex.join(["entrepot", "--config", str(path)])
    simulated = answers.environment is Environment.SIMULATOR
    served = [f"{base} simulator {answers.account} --port {answers.simulator}"] if simulated else []
    return [*served, f"{base} doctor {answers.account}", f"{base} sync {answers.account}", f"{base} offers match"]


def _render(console: Console, begun: Begun, environment: Environment) -> None:
    done = "Added the account to" if begun.added else "Wrote"
    console.print(f'{done} {" and ".join(begun.written)}. Nothing is sent: publish = "shadow".')
    console.print("Next:")
    for step in begun.secrets:
        console.print(f"  {step}")
    if not begun.added and environment is not Environment.SIMULATOR:
        console.print(f"  write your articles into {first_file.CATALOG}, one a line: sku,title")
    for command in begun.next:
        console.print(f"  {command}")
    if begun.added:
        console.print("A daemon that runs takes it up: entrepot reload")
