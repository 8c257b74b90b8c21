"""`offers`: what the channels show, why, and which articles each offer is made of."""

from entrepot.cli.offers.command import offers

__all__ = ["offers"]
