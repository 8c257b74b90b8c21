"""The connector contract is worth something only if broken connectors fail it: each case here breaks one thing."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot.errors import EntrepotError
from entrepot.model import OrderStatus
from entrepot.simulation import NetworkFault
from entrepot.testing import Answer, route
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.shop import MockShop, word_order
from tests.testing.contracts import connected_by, contract, left_out

OVER = {OrderStatus.SHIPPED, OrderStatus.CANCELLED}


@frozen
class FirstPageOnly(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        return evolve(await MockConnector.fetch_orders(self, request), next_cursor=None)


@frozen
class StopsAtEmptyPage(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        page = await MockConnector.fetch_orders(self, request)
        return page if page.records else evolve(page, next_cursor=None)


class KeepsItsPlace(MockConnector):
    """The cursor says only that there is more; where, the object knows."""

    def __init__(self, http: channel.Http) -> None:
        super().__init__(http)
        object.__setattr__(self, "place", None)

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        place = None if request.cursor is None else self.place
        page = await MockConnector.fetch_orders(self, evolve(request, cursor=place))
        object.__setattr__(self, "place", page.next_cursor)
        return page


class OnlyNewer(MockConnector):
    """Drops what is older than the newest it has seen."""

    def __init__(self, http: channel.Http) -> None:
        super().__init__(http)
        object.__setattr__(self, "newest", "")

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        page = await MockConnector.fetch_orders(self, request)
        fresh = []
        for record in page.records:
            if record["changed"] >= self.newest:
                object.__setattr__(self, "newest", record["changed"])
                fresh.append(record)
        return evolve(page, records=fresh)


@frozen
class LoopsByItself(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        page = await MockConnector.fetch_orders(self, request)
        records = list(page.records)
        while page.next_cursor:
            page = await MockConnector.fetch_orders(self, evolve(request, cursor=page.next_cursor))
            records += page.records
        return evolve(page, records=records)


@frozen
class CountsPages(MockConnector):
    """Cuts its own pages by number out of the whole list, as a channel with `?page=3` does."""

    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        whole = await MockConnector.fetch_orders(self, evolve(request, cursor=None, page_size=100_000))
        start = int(request.cursor or 0) * request.page_size
        more = start + request.page_size < len(whole.records)
        following = str(int(request.cursor or 0) + 1) if more else None
        return channel.RecordPage("order", whole.records[start : start + request.page_size], following)


@frozen
class LeavesTheStartOut(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        later = evolve(request.window, start=request.window.start + timedelta(milliseconds=1))
        return await MockConnector.fetch_orders(self, evolve(request, window=later))


@frozen
class LooksBehindTheEnd(MockConnector):
    async def fetch_orders(self, request: channel.FetchOrders) -> channel.RecordPage:
        wider = evolve(request.window, end=request.window.end + timedelta(seconds=2))
        return await MockConnector.fetch_orders(self, evolve(request, window=wider))


@frozen
class AcceptsEverything(MockConnector):
    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        await MockConnector.push_stock(self, request)
        return channel.PushReport.of(request, rejected={})


@frozen
class ShowsUnknownAsZero(MockConnector):
    async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
        page = await MockConnector.fetch_stock(self, request)
        known = {record["sku"] for record in page.records}
        missing = [{"sku": sku, "quantity": 0} for sku in request.offers if sku not in known]
        return evolve(page, records=[*page.records, *missing])


@frozen
class SwallowsFailures(MockConnector):
    async def check(self, request: channel.Check) -> channel.CheckReport:
        try:
            return await MockConnector.check(self, request)
        except channel.ChannelError:
            return channel.CheckReport()


@frozen
class AssumesSuccess(MockConnector):
    async def push_stock(self, request: channel.PushStock) -> channel.PushReport:
        try:
            return await MockConnector.push_stock(self, request)
        except channel.UnknownOutcome:
            return channel.PushReport.of(request, rejected={})


@frozen
class AdoptsAnyJob(MockConnector):
    async def find_bulk(self, request: channel.FindBulk) -> channel.FoundBulk:
        return channel.FoundBulk(channel.BulkTicket("job-1"))


def fetch_twice(kind: type[MockConnector]) -> type[MockConnector]:
    @frozen
    class Twice(kind):
        async def fetch_stock(self, request: channel.FetchStock) -> channel.RecordPage:
            await kind.fetch_stock(self, request)
            return await kind.fetch_stock(self, request)

    return Twice


BROKEN = [
    (FirstPageOnly, "test_every_page_is_fetched"),
    (StopsAtEmptyPage, "test_empty_page_is_not_the_end"),
    (KeepsItsPlace, "test_cursor_outlives_the_connector"),
    (OnlyNewer, "test_order_of_changes_within_a_page_does_not_matter"),
    (LoopsByItself, "test_every_page_is_fetched"),
    (CountsPages, "test_orders_that_change_between_pages_are_not_missed"),
    (LeavesTheStartOut, "test_window_has_its_start_and_nothing_behind_its_end"),
    (LooksBehindTheEnd, "test_window_has_its_start_and_nothing_behind_its_end"),
    (AcceptsEverything, "test_refused_item_does_not_harm_the_others"),
    (ShowsUnknownAsZero, "test_shown_quantities_are_read"),
    (AdoptsAnyJob, "test_job_of_another_attempt_is_not_taken"),
    (fetch_twice(MockConnector), "test_operations_spend_what_they_declare"),
]


@pytest.mark.parametrize(("connector", "case"), BROKEN, ids=[f"{kind.__name__}" for kind, _ in BROKEN])
def test_broken_connector_fails(connector, case):
    getattr(contract(MOCK), case)()
    with pytest.raises((AssertionError, EntrepotError), match=r"\A.*Next: "):  # in the first line
        getattr(contract(connected_by(connector)), case)()


def test_swallowed_refusal_fails():
    case = contract(connected_by(SwallowsFailures))
    with pytest.raises(AssertionError, match="is not raised"):
        case.test_refused_check(Answer(401), channel.AuthError)


def test_assumed_success_fails():
    case = contract(connected_by(AssumesSuccess))
    with pytest.raises(AssertionError, match="is not raised"):
        case.test_lost_answer_to_a_write_is_an_unknown_outcome(NetworkFault.DROPPED_AFTER_EFFECT)


class OpenHouse(MockShop):
    """Looks at no key."""

    def authorize(self, call):
        pass


class AsksNobody(MockShop):
    key_header = None


@frozen
class KeyAsText:
    url: str
    token: str


def test_a_wrong_key_that_nobody_refuses_fails():
    with pytest.raises(AssertionError, match="is not raised"):
        contract(MOCK, OpenHouse).test_wrong_key_is_refused()


def test_a_key_that_is_no_secret_fails():
    plain = evolve(MOCK, settings=KeyAsText, connect=lambda settings, ports: MockConnector(ports.http(settings.url)))
    with pytest.raises(AssertionError, match="no Secret"):
        contract(plain).test_wrong_key_is_refused()


def test_a_shop_that_says_so_is_asked_without_a_key():
    open_to_all = evolve(MOCK, connect=lambda settings, ports: MockConnector(ports.http(settings.url)))
    case = contract(open_to_all, AsksNobody)
    assert left_out(case.test_wrong_key_is_refused) == "`key_header = None` of the double: nobody is asked for a key"
    case.test_check_accepts_good_credentials()


class ShowsOpenOrders(MockShop):
    @route("GET /v1/orders")
    def list_orders(self, call):
        window, size = (call.time("from"), call.time("to")), call.number("size")
        found = self.changed_between(
            *window, call.text("after", default=None), size, keep=lambda o: o.status not in OVER
        )
        return {"orders": list(map(word_order, found.orders)), "next": found.cursor if found.more else None}


def test_an_order_that_leaves_a_list_of_open_ones_must_be_followed():
    forgetful = evolve(MOCK.operations["fetch_orders"], windowed=False)
    case = contract(evolve(MOCK, operations={**MOCK.operations, "fetch_orders": forgetful}), ShowsOpenOrders)
    assert "windowed=False" in left_out(case.test_window_has_its_start_and_nothing_behind_its_end)
    with pytest.raises(AssertionError, match="is not told"):
        case.test_order_is_followed_through_its_life()


def test_requests_over_the_limit_of_the_shop_fail():
    """covers P6: the shop counts by itself, whatever the client thinks of its limits."""
    limits = {**MOCK.limits, "orders": channel.Limit(per_second=200, burst=1000)}
    generous = contract(evolve(MOCK, limits=limits))
    generous.shop = type("Strict", (MockShop,), {"__init__": _with_true_limits})
    with pytest.raises(ExceptionGroup) as refused:
        generous.simulate(_many_pages)
    assert all(isinstance(error, channel.RateLimited) for error in refused.value.exceptions)


def test_cases_of_absent_capabilities_are_left_out():
    reading = {name: facts for name, facts in MOCK.operations.items() if "bulk" not in name}
    kind = contract(evolve(MOCK, operations=reading))
    assert kind.test_job_is_found_by_its_attempt is None
    assert kind.test_every_page_is_fetched is not None


def _with_true_limits(shop, _kind, *rest):
    MockShop.__init__(shop, MOCK, *rest)


async def _many_pages(trial):
    window = await trial.settled(trial.clock.now())
    async with asyncio.TaskGroup() as together:
        for _ in range(30):
            together.create_task(trial.page(window))


class FailsInItself(MockShop):
    def authorize(self, call):
        raise KeyError("a mistake of the double's author")


def test_a_failing_double_is_shown_with_its_own_error_and_traceback():
    with pytest.raises(KeyError, match="a mistake of the double's author") as caught:
        contract(MOCK, FailsInItself).test_check_accepts_good_credentials()
    assert caught.traceback[-1].name == "authorize"
    assert "Next: mend its route" in caught.value.__notes__[0]
    assert caught.value.__suppress_context__
