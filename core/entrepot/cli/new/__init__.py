"""`new`: the folder of a channel of one's own, whose contract is green before a word of it is written."""

from entrepot.cli.new.command import new

__all__ = ["new"]
