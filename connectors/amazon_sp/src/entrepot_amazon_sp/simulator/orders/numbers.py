"""Numbers of orders and of their items: of Amazon's form, and invented."""

from collections.abc import Mapping
from zlib import crc32

from attrs import frozen

PREFIXES: Mapping[str, int] = {"NA": 111, "EU": 302, "FE": 250}
"""The next seller of an application has the next one."""


@frozen
class OrderNumbers:
    """Of the seller number `seller` of an application, counted from 0. No two of its sellers have the same ones."""

    region: str
    seller: int
    first: int

    def order(self, place: int) -> str:
        """Three, seven and seven digits."""
        last = (self.first + place * 7_654_321) % 10**7
        return f"{PREFIXES[self.region] + self.seller}-{crc32(f'{last}'.encode()) % 10**7:07d}-{last:07d}"


def item_number(order: str, place: int) -> str:
    digits = order.replace("-", "")
    return f"{digits[-7:]}{digits[3:8]}{place:02d}"
