"""`run` and `sync`, and `reload`, which gives a running daemon a changed plugins.toml."""

from entrepot.cli.running.daemon import run
from entrepot.cli.running.once import sync
from entrepot.cli.running.reloading import reload

__all__ = ["reload", "run", "sync"]
