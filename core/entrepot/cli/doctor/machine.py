"""What lies on this machine: plugins.toml, the plugins, the database, the disk."""

import shutil
from collections.abc import Iterable, Iterator
from datetime import timedelta

from entrepot.cli.context import Home
from entrepot.cli.doctor.finding import Finding, Subject
from entrepot.cli.show import counted, span
from entrepot.cli.store.backups import last_backup
from entrepot.errors import Fault
from entrepot.plugins import CandidateState
from entrepot.store.sqlite.migrations import NAMES

STALE = timedelta(days=7)
SMALL = 1_000_000_000
"""Bytes. Less room is told even beside a small database: its log grows before it shrinks."""


def told_faults(home: Home, faults: Iterable[Fault]) -> list[Finding]:
    """Faults and warnings of plugins.toml keep the codes of their own."""
    file = Subject(home.path.name)
    return [
        (file.warn if fault.code.startswith("W") else file.wrong)(
            fault.code, f"{fault.path.removeprefix(f'{home.path.name}: ')}: {fault.message}", fault.next_action
        )
        for fault in faults
    ]


def configuration(home: Home) -> Iterator[Finding]:
    """Of a file without faults, or with none but missing secrets."""
    config, file = home.config, Subject(home.path.name)
    yield file.fine(f"{counted(len(config.accounts), 'account')}, {counted(len(config.articles), 'article')}")
    if not config.accounts:
        yield file.warn("D001", "no account", "entrepot init adds one")
    if not config.articles:
        yield file.warn("D002", "no articles, so every offer is unmapped", "write them into the catalog of [skus]")
    yield from told_faults(home, [*config.missing, *config.warnings])
    loaded = [one for one in home.plugins.candidates if one.state is CandidateState.LOADED]
    yield Subject("plugins").fine(", ".join(f"{one.name} {one.version}".rstrip() for one in loaded) or "none enabled")


def database(home: Home) -> Iterator[Finding]:
    """Of a database that can be opened."""
    path, store = home.config.database, Subject("store")
    free = shutil.disk_usage(path.parent).free
    yield store.fine(f"{path.name}, schema {len(NAMES)}, {free / 1e9:.1f} GB free")
    if free < max(SMALL, path.stat().st_size):
        yield store.warn("D033", f"only {free / 1e9:.2f} GB free on its disk", "make room there, or move it")
    backup = last_backup(path)
    if backup is None:
        yield store.warn("D031", "no backup yet", "entrepot store backup FOLDER")
    elif (age := home.clock.now() - backup) > STALE:
        yield store.warn("D032", f"the last backup is {span(age)} old", "entrepot store backup FOLDER")
    else:
        yield Subject("backup").fine(f"{span(age)} old")
