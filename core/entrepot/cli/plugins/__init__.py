"""`plugins`: what is installed and enabled, what it brings, and what is wrong with it."""

from entrepot.cli.plugins.command import plugins

__all__ = ["plugins"]
