"""Who goes first when several want the same bucket."""

from enum import IntEnum


class Priority(IntEnum):
    """Smaller goes first. Nobody starves: see `head_start`."""

    URGENT_STOCK = 0
    FRESH_ORDERS = 1
    SWEEP = 2
    BACKFILL = 3

    @property
    def head_start(self) -> int:
        """Once this many units went to others, or in the store could have, whoever arrives stands behind."""
        return HEAD_STARTS[self]


HEAD_STARTS = {Priority.URGENT_STOCK: 0, Priority.FRESH_ORDERS: 4, Priority.SWEEP: 16, Priority.BACKFILL: 64}
"""In units and not in seconds: a bucket that refills once a minute needs no other numbers than a fast one."""
