"""Notifications API v1, and the messages that it is for: from what happens in the market to a queue."""

from entrepot_amazon_sp.simulator.notifications.aggregate import Notifications

__all__ = ["Notifications"]
