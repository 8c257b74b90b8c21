"""`stock`: what lies where, and imports of the merchant's counts."""

from entrepot.cli.stock.command import stock

__all__ = ["stock"]
