"""`store`: the database file, its backups, and mapping its records again."""

from entrepot.cli.store.command import store

__all__ = ["store"]
