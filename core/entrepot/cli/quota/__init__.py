"""`quota`: calls, and what channels and plugins.toml allow."""

from entrepot.cli.quota.command import quota

__all__ = ["quota"]
