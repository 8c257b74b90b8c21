"""The store in a SQLite file."""

from entrepot.store.sqlite.database import Runner, SqliteStore, migrate
from entrepot.store.sqlite.thread import ThreadRunner

__all__ = ["Runner", "SqliteStore", "ThreadRunner", "migrate"]
