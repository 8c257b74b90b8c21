"""The kiosk in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from entrepot import model
from entrepot.channel import Json
from entrepot.simulation import Call, Refusal, ShopDouble, route
from entrepot_kiosk.connector import CHANGED_MEANWHILE, NEEDED
from entrepot_kiosk.mapping import STATUSES

WORDS = {status: word for word, status in STATUSES.items()}
EVER = datetime.min.replace(tzinfo=UTC)
OVER = {model.OrderStatus.SHIPPED, model.OrderStatus.CANCELLED}


class KioskShop(ShopDouble):
    key_header: ClassVar[str | None] = "X-Kiosk-Key"

    @route("GET /me")
    def show_me(self, call: Call) -> Json:
        return {"rights": sorted(NEEDED)}

    @route("GET /orders/open", spends="orders")
    def list_open(self, call: Call) -> Json:
        after, size = call.text("after", default=None), call.number("size")
        found = self.changed_between(EVER, self.now(), after, size, keep=lambda order: order.status not in OVER)
        return {"orders": list(map(word_order, found.orders)), "next": found.cursor if found.more else None}

    @route("GET /orders")
    def list_named(self, call: Call) -> Json:
        return {"orders": [word_order(self.orders[number]) for number in call.texts("no") if number in self.orders]}

    @route("GET /articles/{ean}")
    def show_article(self, call: Call) -> Json:
        return self._article(call.path["ean"])

    @route("PUT /articles/{ean}")
    def set_article(self, call: Call) -> Json:
        ean = call.path["ean"]
        self._article(ean)
        if call.headers.get("if-match") != self._etag(ean):
            raise Refusal(CHANGED_MEANWHILE, "the document has changed meanwhile")
        self.stock[ean] = call.body["units"]
        return self._article(ean)

    def answer_headers(self, call: Call, status: int, refusal: Refusal | None) -> Mapping[str, str]:
        headers = super().answer_headers(call, status, refusal)
        ean = call.path.get("ean", "")
        return {**headers, "ETag": self._etag(ean)} if ean in self.stock else headers

    def _article(self, ean: str) -> Json:
        if ean not in self.stock:
            raise Refusal(404, "no such article")
        return {"ean": ean, "units": self.stock[ean], "shelf": "A 4"}

    def _etag(self, ean: str) -> str:
        return f'"{self.stock[ean]}"'


def word_order(order: model.Order) -> Json:
    return {
        "no": order.external_id,
        "state": WORDS.get(order.status, order.status_text),
        "placed": order.placed_at.isoformat(),
        "changed": order.changed_at.isoformat(),
        "off": word_amount(order.discount),
        "postage": word_amount(order.shipping),
        "total": word_amount(order.total),
        "items": [word_item(line) for line in order.lines],
    }


def word_item(line: model.OrderLine) -> Json:
    return {
        "no": line.external_id,
        "ean": line.offer,
        "units": line.ordered,
        "sent": line.shipped,
        "void": line.cancelled,
        "price": word_amount(line.gross),
        "off": word_amount(line.discount),
    }


def word_amount(money: model.Money | None) -> str | None:
    """As one writes it in Vienna."""
    return f"{money.amount:,}".translate(str.maketrans(",.", ".,")) if money else None
