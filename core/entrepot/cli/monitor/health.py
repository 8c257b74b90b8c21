"""A running daemon as it is seen from another thread, and whether it is well."""

from collections.abc import Iterator

from attrs import frozen

from entrepot.cli.context import Home
from entrepot.errors import StoreError
from entrepot.sync.daemon import Daemon
from entrepot.sync.watchdog import Watchdog


@frozen
class Monitored:
    """`home` is the configuration of the start: its database and its address stay."""

    home: Home
    daemon: Daemon
    watchdog: Watchdog


@frozen
class Reason:
    """Why a daemon is not well: a word, and a sentence."""

    code: str
    message: str


def reasons(monitored: Monitored) -> list[Reason]:
    """Empty while the loop turns and the store answers."""
    found = [*_of_the_loop(monitored), *_of_the_store(monitored)]
    if monitored.daemon.draining:
        found.append(Reason("draining", "it was asked to end: what runs is finished, nothing is begun"))
    return found


def _of_the_loop(monitored: Monitored) -> Iterator[Reason]:
    kept = monitored.watchdog.kept
    if kept is not None:
        who = f"the plugin {kept.doer.plugin} keeps" if kept.doer else "Entrepot itself keeps"
        yield Reason("loop_blocked", f"{who} the event loop, at {kept.at}; every account waits")


def _of_the_store(monitored: Monitored) -> Iterator[Reason]:
    """What refuses to be written may well be read."""
    refusal = monitored.daemon.refusal
    try:
        monitored.home.read(lambda tx: tx.outbox.last_id())
    except StoreError as refused:
        refusal = str(refused)
    if refusal is not None:
        yield Reason("store_refused", refusal)
