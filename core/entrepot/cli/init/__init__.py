"""`init`: writes a first plugins.toml."""

from entrepot.cli.init.command import init

__all__ = ["init"]
