"""Names of things that Entrepot itself hands out.

What a channel names (an order, a line, an offer) stays a plain `str`, unique only together with its account.
"""

from typing import NewType

AccountId = NewType("AccountId", str)
"""A key of `[accounts.*]`; permanent."""

Sku = NewType("Sku", str)
"""The merchant's own name of an article, equal on every channel."""

LocationId = NewType("LocationId", str)
"""Where units lie."""

DEFAULT_LOCATION = LocationId("main")


def held_by(account: AccountId) -> LocationId:
    """The location whose units a channel holds and ships itself; never published to any channel."""
    return LocationId(f"held:{account}")


def is_held(location: LocationId) -> bool:
    """Does a channel hold what lies there?"""
    return location.startswith("held:")
