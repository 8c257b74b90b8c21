"""`accounts list|pause|resume|rename`: the state of every account, and what a person may do to it."""

from collections.abc import Callable, Sequence
from datetime import datetime

import click
from attrs import frozen
from rich.console import Console

from entrepot.cli.context import Home, pass_home
from entrepot.cli.exits import Guarded
from entrepot.cli.show import Times, answer, as_format, table
from entrepot.cli.status import account_state
from entrepot.config import AccountConfig
from entrepot.model import AccountId, Publish
from entrepot.store import Tx
from entrepot.store.records import AccountRow
from entrepot.sync import pausing


@frozen
class AccountState:
    """`environment`: None of an account that left plugins.toml. `since`: None where nobody noted a beginning."""

    account: AccountId
    channel: str
    environment: str | None
    publish: Publish
    state: str
    since: datetime | None
    next_action: str


@click.group()
def accounts() -> None:
    """Accounts: what state each is in; stop one, let it go on."""


@accounts.command("list")
@as_format
@pass_home
def list_accounts(home: Home, form: str) -> None:
    """Every account of plugins.toml, and those that left it."""
    stored = home.read(lambda tx: tx.accounts.all()) if home.config.database.exists() else []
    states = _states(stored, list(home.config.accounts.values()))
    times = Times(home.clock.now(), home.config.time_zone)
    answer(states, form, lambda console: _render(console, states, times))


@accounts.command()
@click.argument("account")
@as_format
@pass_home
def pause(home: Home, account: str, form: str) -> None:
    """Make no call for ACCOUNT, until it is resumed.

    Stored: it holds for every daemon within a second, and over restarts. A call that runs is finished. The account's
    orders go on holding back units. `doctor` and `try` still ask the channel when a person does.
    """
    _change(home, account, form, pausing.pause, ("is paused", "was paused already"))


@accounts.command()
@click.argument("account")
@as_format
@pass_home
def resume(home: Home, account: str, form: str) -> None:
    """Let ACCOUNT go on where it stopped."""
    _change(home, account, form, pausing.resume, ("goes on", "was not paused"))


@accounts.command()
@click.argument("old")
@click.argument("new")
@pass_home
def rename(home: Home, old: str, new: str) -> None:
    """Refuses, and says why: an account's id is permanent."""
    if home.config.database.exists():
        home.read(lambda tx: home.stored_account(tx, old))
    else:
        home.account(old)
    message = (
        f"{old} cannot become {new}: an id is permanent. Its orders, reservations, attempts and the keys of its events"
        f" bear it. Under another id the same orders would be read again, as others, and hold back their units twice"
    )
    raise Guarded(f"{message}. Next: keep {old}; for another seller or shop, add [accounts.{new}] to {home.path.name}")


def _change(
    home: Home, name: str, form: str, change: Callable[[Tx, AccountId, datetime], bool], words: tuple[str, str]
) -> None:
    """`words`: what is told of a change, and where there was nothing to change."""
    now = home.clock.now()

    def work(tx: Tx) -> tuple[AccountRow, bool]:
        id_ = _known(home, tx, name)
        changed = change(tx, id_, now)
        return _row(tx, id_), changed

    row, changed = home.write(work)
    state = _state(row, home.config.accounts.get(row.id))
    told = words[0] if changed else words[1]
    answer(state, form, lambda console: console.print(f"{name} {told}."))


def _states(stored: Sequence[AccountRow], configured: Sequence[AccountConfig]) -> list[AccountState]:
    by_id = {account.id: account for account in configured}
    known = [_state(row, by_id.get(row.id)) for row in stored]
    rows = {row.id for row in stored}
    return [*known, *(_new(account) for account in configured if account.id not in rows)]


def _state(row: AccountRow, configured: AccountConfig | None) -> AccountState:
    state, since = account_state(row)
    environment = str(configured.environment) if configured else None
    return AccountState(row.id, row.channel, environment, row.publish, state, since, _next(row, state))


def _new(account: AccountConfig) -> AccountState:
    return AccountState(
        account.id,
        account.channel.id,
        str(account.environment),
        account.publish,
        "not started yet",
        None,
        "entrepot run; or, while one runs: entrepot reload",
    )


def _next(row: AccountRow, state: str) -> str:
    return {
        "detached": f"nothing, or put [accounts.{row.id}] back into plugins.toml",
        "paused": f"entrepot accounts resume {row.id}",
        "parked": "entrepot problems",
        "shadow": f"entrepot offers diff {row.id}",
        "off": f"entrepot offers diff {row.id}",
    }.get(state, "")


def _known(home: Home, tx: Tx, name: str) -> AccountId:
    """The account, in the store even where no daemon has seen it yet. Raises Refused."""
    home.stored_account(tx, name)
    id_ = AccountId(name)
    if tx.accounts.find(id_) is None:
        account = home.config.accounts[id_]
        tx.accounts.save(AccountRow(id_, account.channel.id, account.publish))
    return id_


def _row(tx: Tx, account: AccountId) -> AccountRow:
    row = tx.accounts.find(account)
    if row is None:
        msg = f"{account} was saved in this transaction"
        raise LookupError(msg)
    return row


def _render(console: Console, states: Sequence[AccountState], times: Times) -> None:
    rows = [
        (one.account, one.channel, one.environment or "-", one.publish, one.state, times.at(one.since), one.next_action)
        for one in states
    ]
    console.print(table("account  channel  environment  publish  state  since  next", rows, wrap={"next"}))
