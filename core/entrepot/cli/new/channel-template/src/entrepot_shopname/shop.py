"""The shop in memory: how it words its answers. Orders, stock, throttling, faults and time come from ShopDouble."""

from datetime import datetime, timedelta  # if bulk_stock
from functools import cached_property  # if bulk_stock

from attrs import define, field  # if bulk_stock

from entrepot import model  # if orders
from entrepot.channel import Json
from entrepot.simulation import Call, ShopDouble, route
from entrepot_shopname.connector import NEEDED
from entrepot_shopname.mapping import MARKETPLACE, STATUSES  # if orders

WORDS = {status: word for word, status in STATUSES.items()}  # if orders
WORK = timedelta(minutes=2)  # if bulk_stock


@define  # if bulk_stock
class BulkJob:
    id: str
    attempt: str
    submitted_at: datetime
    state: str = "waiting"
    results: dict[str, str | None] = field(factory=dict)

    def worded(self) -> Json:
        return {"id": self.id, "state": self.state, "results": self.results}


class ShopnameShop(ShopDouble):
    """A route costs one token of the limit that its path's last fixed part names, else of `other`."""

    @route("GET /v1/account")
    def show_account(self, call: Call) -> Json:
        return {"permissions": sorted(NEEDED)}

    @route("GET /v1/orders")  # if orders
    def list_orders(self, call: Call) -> Json:
        after = call.text("after", default=None)
        found = self.changed_between(call.time("from"), call.time("to"), after=after, size=call.number("size"))
        return {"orders": [word_order(order) for order in found.orders], "next": found.cursor if found.more else None}

    @route("GET /v1/stock")  # if stock
    def list_stock(self, call: Call) -> Json:
        return {"stock": [{"sku": sku, "quantity": self.stock[sku]} for sku in call.texts("sku") if sku in self.stock]}

    @route("PUT /v1/stock")  # if stock
    def set_stock(self, call: Call) -> Json:
        return {"refused": {sku: reason for sku, reason in self._set(call.body).items() if reason}}

    @route("POST /v1/bulk")  # if bulk_stock
    def start_job(self, call: Call) -> Json:
        job = BulkJob(f"job-{len(self._jobs) + 1}", call.body["attempt"], self.now())
        self._jobs[job.id] = job
        self.later(WORK, lambda: self._work_off(job, call.body["quantities"]))
        return job.worded()

    @route("GET /v1/bulk/{id}")  # if bulk_stock
    def show_job(self, call: Call) -> Json:
        return self._jobs[call.path["id"]].worded()

    @route("GET /v1/bulk")  # if bulk_stock
    def find_jobs(self, call: Call) -> Json:
        since, attempt = call.time("since"), call.text("attempt")
        mine = [job for job in self._jobs.values() if job.submitted_at >= since and job.attempt == attempt]
        return {"jobs": [job.worded() for job in mine]}

    @cached_property  # if bulk_stock
    def _jobs(self) -> dict[str, BulkJob]:
        return {}

    def _work_off(self, job: BulkJob, quantities: dict[str, int]) -> None:  # if bulk_stock
        job.results = self._set(quantities)
        job.state = "done"

    def _set(self, quantities: dict[str, int]) -> dict[str, str | None]:  # if stock
        known = quantities.keys() & self.stock.keys()
        self.stock |= {sku: quantity for sku, quantity in quantities.items() if sku in known}
        return {sku: None if sku in known else "unknown sku" for sku in quantities}


def word_order(order: model.Order) -> Json:  # if orders
    """The inverse of `map_order`: the contract checks that they agree for every order that it can think of."""
    return {
        "number": order.external_id,
        "state": WORDS.get(order.status, order.status_text),
        "placed": order.placed_at.isoformat(),
        "changed": order.changed_at.isoformat(),
        "currency": MARKETPLACE.currency,
        "discount": word_amount(order.discount),
        "shipping": word_amount(order.shipping),
        "total": word_amount(order.total),
        "lines": [word_line(line) for line in order.lines],
    }


def word_line(line: model.OrderLine) -> Json:  # if orders
    return {
        "id": line.external_id,
        "sku": line.offer,
        "quantity": line.ordered,
        "sent": line.shipped,
        "void": line.cancelled,
        "amount": word_amount(line.gross),
        "tax": word_amount(line.tax),
        "discount": word_amount(line.discount),
    }


def word_amount(money: model.Money | None) -> str | None:  # if orders
    return str(money.amount) if money else None
