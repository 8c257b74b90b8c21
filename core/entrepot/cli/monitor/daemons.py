"""Which daemons work on a database, and by which plugins.toml."""

import os
import socket
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import frozen
from rich.console import Console

from entrepot.cli.show import Times
from entrepot.store import Tx
from entrepot.store.records import DaemonRow

BEAT = timedelta(seconds=30)
"""So often a daemon marks its row."""
SILENT_AFTER = 4 * BEAT


class DaemonState(StrEnum):
    RUNNING = "running"
    SILENT = "silent"  # its process is there, or is another machine's, and it has not marked its row
    GONE = "gone"  # it was killed


@frozen
class DaemonStatus:
    """`config_read_at`: it works by what the file said then."""

    daemon: str
    state: DaemonState
    started_at: datetime
    config: str
    config_read_at: datetime | None
    seen_at: datetime | None


def daemon_statuses(tx: Tx, now: datetime) -> list[DaemonStatus]:
    """Those that were killed are among them, until the next `reload`."""
    return [
        DaemonStatus(row.name, _state(row, now), row.started_at, row.config, row.read_at, row.seen_at)
        for row in tx.daemons.all()
    ]


def render_daemons(console: Console, daemons: list[DaemonStatus], times: Times) -> None:
    """A sentence for each."""
    for one in daemons:
        by = f", by {one.config} as of {times.at(one.config_read_at)}" if one.config else ""
        said = {
            DaemonState.RUNNING: f"runs since {times.at(one.started_at)}{by}.",
            DaemonState.SILENT: f"has not been heard of since {times.at(one.seen_at)}. Next: look at its log",
            DaemonState.GONE: f"was killed; it had started at {times.at(one.started_at)}.",
        }
        console.print(f"Daemon {one.daemon} {said[one.state]}", soft_wrap=True)
    if all(one.state is DaemonState.GONE for one in daemons):
        console.print("No daemon runs on this database: entrepot run")


def lives(row: DaemonRow) -> bool:
    """Of another host's nothing can be seen, so that it may."""
    if row.host != socket.gethostname():
        return True
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _state(row: DaemonRow, now: datetime) -> DaemonState:
    if not lives(row):
        return DaemonState.GONE
    silent = now - (row.seen_at or row.started_at) > SILENT_AFTER
    return DaemonState.SILENT if silent else DaemonState.RUNNING
