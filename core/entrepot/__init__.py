"""Entrepot: the orders, stock and money of many sales channels in one place."""

from entrepot import channel, model
from entrepot.channel.hooks import hookimpl

__all__ = ["channel", "hookimpl", "model"]
