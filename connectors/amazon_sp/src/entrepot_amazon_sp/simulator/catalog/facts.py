"""What Amazon's catalog says of an offer: invented, and always the same for a SKU."""

from collections.abc import Iterator, Mapping
from zlib import crc32

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BRANDS = ("Fictitious", "Invented", "Nonesuch")


def asin_of(sku: str) -> str:
    number, text = crc32(sku.encode()), ""
    for _ in range(8):
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return "B0" + text


def fn_sku_of(sku: str) -> str:
    """Amazon's own number for the seller's units of it."""
    return f"X00{crc32(sku.encode()) % 10**7:07d}"


def invented_title(sku: str) -> str:
    """Of an offer that nobody named."""
    return f"Simulated {sku}"


def brand_of(sku: str) -> str:
    return BRANDS[crc32(sku.encode()) // 7 % len(BRANDS)]


def upc_of(sku: str) -> str:
    """Of a range that shops use within their walls, so that it is nobody's."""
    digits = f"2{crc32(sku.encode()) % 10**10:010d}"
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


class Catalog:
    """Items by ASIN: one for each SKU that was ever on offer. They stay when it goes, as the catalog is Amazon's."""

    def __init__(self, offers: Mapping[str, int]) -> None:
        self._offers = offers
        self._asins: dict[str, str] = {}  # by SKU
        self._skus: dict[str, str] = {}  # by ASIN

    def sku(self, asin: str) -> str | None:
        self._look()
        return self._skus.get(asin)

    def skus(self) -> Iterator[str]:
        """Oldest first."""
        self._look()
        yield from self._skus.values()

    def _look(self) -> None:
        for sku in self._offers:
            if sku not in self._asins:
                self._asins[sku] = asin_of(sku)
                self._skus[self._asins[sku]] = sku
