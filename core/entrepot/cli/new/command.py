"""`new NAME`: writes the folder, and says how to go on."""

import importlib.metadata
import shlex
from pathlib import Path

import click

from entrepot.channel import CAPABILITIES
from entrepot.cli.context import unknown
from entrepot.cli.exits import Refused
from entrepot.cli.new.scaffold import LONGEST, SHORTEST, Name, proper, scaffold
from entrepot.cli.show import counted
from entrepot.plugins import GROUP

CHOICES = tuple(capability.name for capability in CAPABILITIES if capability.name != "required")

NEXT = """
Install it, and run its contract:

  pip install -e {installed}
  pytest {folder}

Enable it, in plugins.toml:

  [plugins]
  {name} = "*"

  [accounts.{dashed}-test]
  channel     = "{name}"
  environment = "simulator"
  simulator   = "http://127.0.0.1:8801"
  publish     = "live"
  settings    = {{ url = "https://{dashed}.example", token = "not-a-secret" }}

Start its shop beside the daemon:

  entrepot simulator {dashed}-test --port 8801

Then put the words of the real API in the place of the invented shop's: {readme} says where."""


@click.command()
@click.argument("name")
@click.option(
    "--capabilities",
    default="orders,stock",
    show_default=True,
    help=f"What the channel can do, with commas between: {', '.join(CHOICES)}.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Where the folder is made that bears the NAME. Left out: here.",
)
def new(name: str, capabilities: str, into: Path) -> None:
    """Begin a connector of your own: a folder whose contract is green at once, offline.

    It speaks to a little invented shop. What is there already is never overwritten.
    """
    checked, wanted = _name(name), _capabilities(capabilities)
    folder = into / checked.text
    texts = scaffold(checked, wanted)
    _write(folder, texts)
    click.echo(f"{folder}: {counted(len(texts), 'file')}; capabilities {', '.join(wanted)}.")
    told = NEXT.format(
        installed=shlex.quote(f"{_local(folder)}[testing]"),
        folder=shlex.quote(str(folder)),
        name=checked.text,
        dashed=checked.dashed,
        readme=folder / "README.md",
    )
    click.echo(told)


def _name(text: str) -> Name:
    nearest = proper(text)
    if not text or nearest != text:
        rule = f"{SHORTEST} to {LONGEST} small letters, digits and single _, a letter first"
        hint = f"write {nearest}" if nearest else "take another"
        raise Refused(f"{text!r} is no name for a channel: {rule}. Next: {hint}")
    installed = importlib.metadata.entry_points(group=GROUP, name=text)
    for taken in installed:
        brings = f"{taken.dist.name} brings it" if taken.dist else "it is installed"
        raise Refused(f"there is a plugin {text} already: {brings}. Next: take another name")
    return Name(text)


def _capabilities(text: str) -> list[str]:
    """In the order of the channel API."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in CHOICES:
            raise unknown("capability", word, CHOICES)
    if not words:
        raise Refused(f"a channel without capabilities does nothing. Next: --capabilities {','.join(CHOICES)}")
    if "bulk_stock" in words and "stock" not in words:
        raise Refused(
            "bulk_stock needs stock: what a job has set is read back with fetch_stock. "
            f"Next: --capabilities {','.join(['stock', *words])}"
        )
    return [choice for choice in CHOICES if choice in words]


def _write(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True)
        for path, text in texts.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    except FileExistsError:
        raise Refused(f"{folder} exists; nothing is overwritten. Next: another NAME, or --into FOLDER") from None
    except OSError as failed:
        raise Refused(f"{folder} cannot be written: {failed.strerror}. Next: --into FOLDER") from failed


def _local(folder: Path) -> str:
    """As pip takes it for a folder and not for the name of a distribution."""
    return str(folder) if folder.is_absolute() or str(folder).startswith("..") else f"./{folder}"
