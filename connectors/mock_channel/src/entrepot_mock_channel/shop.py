"""The shop in memory: how it words its answers. Orders, stock, throttling, faults and time come from ShopDouble."""

from datetime import datetime, timedelta

from attrs import define, field

from entrepot.channel import ChannelType, Json, SimulatorConfig
from entrepot.model import Money, Order, OrderLine
from entrepot.runtime import Clock, Rng
from entrepot.simulation import Call, Refusal, ShopDouble, route
from entrepot_mock_channel.mapping import STATUSES

CURRENCY = "EUR"
WORDS = {status: word for word, status in STATUSES.items()}
BULK_SECONDS = (30, 600)  # from taking a job in to having worked it off


@define
class BulkJob:
    id: str
    attempt: str
    submitted_at: datetime
    state: str = "waiting"
    results: dict[str, str | None] = field(factory=dict)


class MockShop(ShopDouble):
    def __init__(self, channel: ChannelType, config: SimulatorConfig, clock: Clock, rng: Rng) -> None:
        super().__init__(channel, config, clock, rng)
        self._rng = rng
        self._jobs: dict[str, BulkJob] = {}

    @route("GET /v1/account")
    def show_account(self, call: Call) -> Json:
        return {"permissions": ["orders", "stock"], "currency": CURRENCY, "time_zone": "Europe/Berlin"}

    @route("GET /v1/orders")
    def list_orders(self, call: Call) -> Json:
        after = call.text("after", default=None)
        found = self.changed_between(call.time("from"), call.time("to"), after=after, size=call.number("size"))
        return {"orders": [word_order(order) for order in found.orders], "next": found.cursor if found.more else None}

    @route("GET /v1/orders/named", spends="orders")
    def list_named_orders(self, call: Call) -> Json:
        known = [self.orders[number] for number in call.texts("number") if number in self.orders]
        return {"orders": [word_order(order) for order in known]}

    @route("GET /v1/stock")
    def list_stock(self, call: Call) -> Json:
        return {"stock": [{"sku": sku, "quantity": self.stock[sku]} for sku in call.texts("sku") if sku in self.stock]}

    @route("PUT /v1/stock")
    def set_stock(self, call: Call) -> Json:
        return {"refused": {sku: reason for sku, reason in self._set(call.body).items() if reason}}

    @route("POST /v1/bulk")
    def start_job(self, call: Call) -> Json:
        job = BulkJob(f"job-{len(self._jobs) + 1}", call.body["attempt"], self.now())
        self._jobs[job.id] = job
        work = timedelta(seconds=self._rng.uniform(*BULK_SECONDS))
        self.later(work, lambda: self._work_off(job, call.body["quantities"]))
        return {"id": job.id}

    @route("GET /v1/bulk/{id}")
    def show_job(self, call: Call) -> Json:
        job = self._jobs.get(call.path["id"])
        if job is None:
            raise Refusal(404, "no such job")
        return {"state": job.state, "results": job.results}

    @route("GET /v1/bulk")
    def find_jobs(self, call: Call) -> Json:
        since, attempt = call.time("since"), call.text("attempt")
        return {"ids": [job.id for job in self._jobs.values() if job.submitted_at >= since and job.attempt == attempt]}

    def _work_off(self, job: BulkJob, quantities: dict[str, int]) -> None:
        job.results = self._set(quantities)
        job.state = "done"

    def _set(self, quantities: dict[str, int]) -> dict[str, str | None]:
        known = quantities.keys() & self.stock.keys()
        self.stock |= {sku: quantity for sku, quantity in quantities.items() if sku in known}
        return {sku: None if sku in known else "unknown sku" for sku in quantities}


def word_order(order: Order) -> Json:
    """The inverse of `map_order`: the contract checks that they agree for every order that it can think of."""
    return {
        "number": order.external_id,
        "status": WORDS.get(order.status, order.status_text),
        "placed": order.placed_at.isoformat(),
        "changed": order.changed_at.isoformat(),
        "currency": CURRENCY,
        "discount": _word_amount(order.discount),
        "shipping": _word_amount(order.shipping),
        "total": _word_amount(order.total),
        "lines": [_word_line(line) for line in order.lines],
    }


def _word_line(line: OrderLine) -> Json:
    return {
        "id": line.external_id,
        "sku": line.offer,
        "title": line.title,
        "quantity": line.ordered,
        "sent": line.shipped,
        "cancelled": line.cancelled,
        "gross": _word_amount(line.gross),
        "tax": _word_amount(line.tax),
        "discount": _word_amount(line.discount),
    }


def _word_amount(money: Money | None) -> str | None:
    return str(money.amount) if money else None
