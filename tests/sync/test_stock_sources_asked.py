"""When a stock source is asked, and that what fails in it stays its own."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from attrs import evolve

from entrepot.channel import CountPage
from entrepot.model import CountMeaning, Movement, MovementKind, ProblemKind, Sku
from entrepot.sync.daemon import Daemon
from entrepot.sync.stock_sources import NamedSource, take_counts
from tests.store.values import NOON
from tests.sync.warehouse import ARTICLES, FIVE_EACH


def test_it_is_asked_each_period_and_the_same_delivery_changes_nothing(live):
    """Covers P2: even where the units have moved since."""

    async def story(rig):
        await rig.turn()
        received = Movement(Sku("SKU-0"), 2, MovementKind.RECEIPT, NOON + timedelta(minutes=1), "receipt-1")
        await rig.write(lambda tx: tx.ledger.book(received, NOON))
        rig.warehouse.asked.clear()
        await rig.after(minutes=14)
        assert rig.warehouse.asked == []
        await rig.after(minutes=2)
        assert rig.warehouse.asked == [None], "its first page says that it is known"
        assert len(await rig.imports()) == 1
        assert (await rig.units())["SKU-0"] == 7

    live(FIVE_EACH, story)


def test_a_failing_source_is_asked_with_growing_pauses_and_becomes_a_problem(live):
    async def story(rig):
        rig.warehouse.troubles = [ConnectionError("no route")] * 4
        dues = []
        for _ in range(4):
            await rig.turn()
            dues.append((await rig.stream()).next_due)
            rig.clock.at = dues[-1]
        assert [later - sooner for sooner, later in pairwise(dues)] == [timedelta(seconds=s) for s in (20, 40, 80)]
        (problem,) = await rig.store.read(lambda tx: tx.problems.all())
        assert (problem.kind, problem.subject) == (ProblemKind.STOCK_SOURCE_FAILING, "wms.main")
        assert "ConnectionError: no route" in problem.message
        await rig.turn()
        assert await rig.problems() == []
        assert await rig.units() == dict.fromkeys(ARTICLES, 5)

    live(FIVE_EACH, story)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (CountPage("tuesday", []), "it changed while it was read"),
        (CountPage("monday", [], next_cursor="3"), "came twice"),
        (CountPage("monday", [("SKU-3", 5)]), "AttributeError"),
        ({"sku": 5}, "no CountPage"),
        (CountPage("monday", [], CountMeaning.AVAILABLE), "it changed while it was read"),
    ],
)
def test_a_delivery_that_breaks_off_leaves_nothing(live, trouble, told):
    """Covers P3: no page of it is taken alone."""

    async def story(rig):
        rig.warehouse.troubles = [None, trouble]
        await rig.turn()
        assert told in (await rig.stream()).last_error
        assert await rig.imports() == []
        await rig.after(seconds=11)
        assert await rig.units() == dict.fromkeys(ARTICLES, 5)

    live(FIVE_EACH, story)


def test_a_page_without_end_is_given_up_after_twenty_seconds(live):
    async def story(rig):
        async def hang(_):
            await asyncio.Event().wait()

        rig.source = evolve(rig.source, source=evolve(rig.source.source, fetch_counts=hang))
        began = asyncio.get_running_loop().time()
        await rig.turn()
        assert asyncio.get_running_loop().time() - began == pytest.approx(20)
        assert (await rig.stream()).last_error == "a page took longer than 20 s"

    live(FIVE_EACH, story)


def test_two_daemons_do_not_ask_at_the_same_time(live):
    async def story(rig):
        other = evolve(rig.worker, name="d2")
        await asyncio.gather(rig.turn(), take_counts(other, rig.source, lambda: False))
        assert rig.warehouse.asked.count(None) == 1

    live(FIVE_EACH, story)


def test_a_daemon_that_is_to_stop_asks_for_no_further_page(live):
    async def story(rig):
        fetch = rig.warehouse.fetch

        async def stopped_meanwhile(request):
            rig.stopping = True
            return await fetch(request)

        rig.source = evolve(rig.source, source=evolve(rig.source.source, fetch_counts=stopped_meanwhile))
        await rig.turn()
        assert rig.warehouse.asked == [None]
        assert await rig.imports() == []

    live(FIVE_EACH, story)


def test_a_start_asks_at_once_and_forgets_a_source_that_left(live):
    async def story(rig):
        rig.warehouse.troubles = [ConnectionError("no route")] * 3
        for _ in range(3):
            await rig.after(minutes=5)
        assert await rig.problems() == [ProblemKind.STOCK_SOURCE_FAILING]
        await rig.start()
        assert (await rig.stream()).next_due == rig.clock.now()
        await rig.start(NamedSource("erp.other", rig.source.source))
        assert await rig.problems() == []

    live(FIVE_EACH, story)


def test_the_daemon_asks_while_it_runs(live):
    async def story(rig):
        daemon = Daemon(rig.worker, sources=[rig.source])
        running = asyncio.create_task(daemon.run())
        await asyncio.sleep(3)
        daemon.drain()
        await running
        assert await rig.units() == dict.fromkeys(ARTICLES, 5)

    live(FIVE_EACH, story)
