"""What Amazon's catalog says of an offer: invented, and always the same for a SKU."""

from zlib import crc32

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PRODUCT_TYPES = ("HOME", "DRINKING_CUP", "TEA", "LUGGAGE")


def asin_of(sku: str) -> str:
    number, text = crc32(sku.encode()), ""
    for _ in range(8):
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return "B0" + text


def fn_sku_of(sku: str) -> str:
    """Amazon's own number for the seller's units of it."""
    return f"X00{crc32(sku.encode()) % 10**7:07d}"


def product_type_of(sku: str) -> str:
    return PRODUCT_TYPES[crc32(sku.encode()) % len(PRODUCT_TYPES)]
