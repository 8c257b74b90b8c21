"""`key new|rotate|forget`: what the secrets in the database are encrypted with."""

import asyncio
import os
from pathlib import Path

import click

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Exit, Guarded
from entrepot.cli.monitor.daemons import lives
from entrepot.cli.show import answer, as_format, counted
from entrepot.config import require_keyring
from entrepot.store import Store
from entrepot.vault.care import forget_unopened, rotate
from entrepot.vault.keys import new_key, parse_key

ONLY_OWNER = 0o600


@click.group()
def key() -> None:
    """The key of the secrets that Entrepot itself keeps, such as refresh tokens."""


@key.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_format
def new(file: Path, form: str) -> None:
    """Write a new key into FILE, readable for you alone. Name it in plugins.toml, and keep a copy elsewhere.

    Without its key nothing that was encrypted with it can ever be read again.
    """
    text = new_key()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OWNER), "w") as opened:
            opened.write(f"{text}\n")
    except OSError as error:
        raise Guarded(f"{file} cannot be written: {error.strerror}. Next: name a file that is not there yet") from None
    document = {"file": str(file), "key": parse_key(text).id}
    next_ = f'Next: a copy elsewhere, then key = "file:{file}" under [entrepot]'
    answer(document, form, lambda console: console.print(f"{file}: key {document['key']}. {next_}", soft_wrap=True))


@key.command("rotate")
@as_format
@pass_home
@click.pass_context
def rotate_key(ctx: click.Context, home: Home, form: str) -> None:
    """Encrypt every secret with the present `key`. Afterwards `previous_keys` may be taken out of plugins.toml.

    Refused while a daemon runs that has not read the present plugins.toml: entrepot reload.
    """
    changed, unopened = asyncio.run(_rotate(home))
    document = {"encrypted_anew": changed, "unopened": unopened}
    words = f"{counted(changed, 'secret')} encrypted anew"
    rest = f"{counted(unopened, 'secret')} that no key opens. Next: entrepot doctor"
    answer(document, form, lambda console: console.print(f"{words}; {rest}" if unopened else f"{words}."))
    ctx.exit(Exit.PROBLEMS if unopened else Exit.FINE)


@key.command()
@as_format
@pass_home
def forget(home: Home, form: str) -> None:
    """Forget the secrets that no key opens, for their key is lost. Authorize their accounts again afterwards."""
    keyring = require_keyring(home.config)
    rows = home.write(lambda tx: forget_unopened(tx, keyring))
    document = [{"account": row.account, "name": row.name, "key": row.key_id} for row in rows]
    accounts = ", ".join(sorted({row.account for row in rows if row.account}))
    next_ = f". Next: authorize again for {accounts}" if accounts else "."
    answer(document, form, lambda console: console.print(f"{counted(len(rows), 'secret')} forgotten{next_}"))


async def _rotate(home: Home) -> tuple[int, int]:
    keyring = require_keyring(home.config)
    async with home.store() as store:
        await _refuse_outdated(home, store)
        return await rotate(store, keyring, home.clock)


async def _refuse_outdated(home: Home, store: Store) -> None:
    """A daemon with another plugins.toml would go on with the old key, and not open what this writes."""
    written = home.document.path.stat().st_mtime
    daemons = await store.read(lambda tx: tx.daemons.all())
    for row in daemons:
        read_at = row.read_at or row.started_at
        if lives(row) and read_at.timestamp() < written:
            raise Guarded(f"{row.name} has not read {home.path.name} since it was changed. Next: entrepot reload")
