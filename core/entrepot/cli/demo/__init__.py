"""`demo`: a day of trade inside the process, on a database of its own."""

from entrepot.cli.demo.command import demo

__all__ = ["demo"]
