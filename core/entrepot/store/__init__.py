"""What must survive: a small domain protocol, and SQLite behind it."""

from entrepot.store.protocol import Store, Tx

__all__ = ["Store", "Tx"]
