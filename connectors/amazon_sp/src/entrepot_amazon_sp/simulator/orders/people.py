"""Buyers who do not exist. The same order always has the same one."""

from zlib import crc32

from entrepot.channel import Json
from entrepot.model import Order
from entrepot_amazon_sp.places import PLACES

FIRST_NAMES = ("Testa", "Fixto", "Mocka", "Samplo", "Exampla")
LAST_NAMES = ("Nobody", "Fictitious", "Invented", "Imaginary", "Placeholder")


def word_buyer(order: Order) -> Json:
    domain = PLACES[order.marketplace].domain.removeprefix("www.")
    return {"buyerName": _name(order), "buyerEmail": f"nobody{_chance(order):08x}@marketplace.{domain}"}


def word_recipient(order: Order) -> Json:
    chance = _chance(order)
    return {
        "deliveryAddress": {
            "name": _name(order),
            "addressLine1": f"{chance % 999 + 1} Example Street",
            "city": "Exampletown",
            "postalCode": f"{chance % 90000 + 10000}",
            "countryCode": PLACES[order.marketplace].country,
            "phone": f"+00 555 01{chance % 100:02d}",
            "addressType": "RESIDENTIAL",
        }
    }


def _name(order: Order) -> str:
    chance = _chance(order)
    return f"{FIRST_NAMES[chance % len(FIRST_NAMES)]} {LAST_NAMES[chance // 7 % len(LAST_NAMES)]}"


def _chance(order: Order) -> int:
    return crc32(order.external_id.encode())
