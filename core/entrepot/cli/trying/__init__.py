"""`try`: one call, and what the store would make of it."""

from entrepot.cli.trying.command import try_

__all__ = ["try_"]
