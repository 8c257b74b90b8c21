"""Stock sources: what a warehouse system delivers by itself is taken as a file is, and what fails stays its own."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from attrs import evolve

from entrepot.channel import CountPage, StockCount, StockSource
from entrepot.config.model import Locations, StockConfig
from entrepot.model import CountMeaning, LocationId, Movement, MovementKind, ProblemKind, Sku
from entrepot.runtime import RandomIds
from entrepot.simulation import run
from entrepot.stock.mass_change import HoldIf
from entrepot.store.records import ImportState, StreamKind
from entrepot.store.sqlite import migrate
from entrepot.sync import importing
from entrepot.sync.daemon import Daemon
from entrepot.sync.importing import approve, discard, follow_all
from entrepot.sync.runtime import Worker
from entrepot.sync.stock_sources import NamedSource, add_sources, take_counts
from tests.store.opened import open_inline
from tests.store.values import NOON

ARTICLES = [f"SKU-{number}" for number in range(12)]
PERIOD = timedelta(minutes=15)


class Wandering:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at

    def wait(self, **span):
        self.at += timedelta(**span)


class Warehouse:
    """Pages of three counts. `troubles` are raised, or returned, by the next calls."""

    def __init__(self, counts, delivery="monday"):
        self.counts = counts
        self.delivery = delivery
        self.asked = []
        self.troubles = []
        self.more = {}

    async def fetch(self, request):
        self.asked.append(request.cursor)
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, BaseException):
            raise trouble
        if trouble is not None:
            return trouble
        start = int(request.cursor or 0)
        lines = [one if isinstance(one, StockCount) else StockCount(*one) for one in self.counts]
        following = str(start + 3) if start + 3 < len(lines) else None
        return CountPage(self.delivery, lines[start : start + 3], next_cursor=following, **self.more)


class Rig:
    """A store with twelve articles, and a daemon that is asked by hand."""

    def __init__(self, folder, warehouse):
        migrate(folder / "entrepot.db")
        self.store = open_inline(folder / "entrepot.db")
        self.clock = Wandering()
        self.warehouse = warehouse
        self.source = NamedSource("wms.main", StockSource("main", warehouse.fetch, PERIOD))
        self.worker = Worker("d1", self.store, self.clock, None, RandomIds(), {})
        self.stopping = False

    async def begin(self):
        await self.write(lambda tx: tx.accounts.save_articles([(Sku(sku), sku, "") for sku in ARTICLES]))
        await self.start()

    async def start(self, *sources):
        await self.write(lambda tx: add_sources(tx, sources or [self.source], self.clock.now()))

    async def write(self, work):
        return await self.store.write(work)

    async def turn(self):
        """What the daemon does at each look, and then the positions follow."""
        await take_counts(self.worker, self.source, lambda: self.stopping)
        await follow_all(self.store, self.clock)

    async def after(self, **span):
        self.clock.wait(**span)
        await self.turn()

    async def imports(self):
        return await self.store.read(lambda tx: tx.imports.all())

    async def units(self):
        return await self.store.read(lambda tx: {one.sku: one.on_hand for one in tx.ledger.positions()})

    async def problems(self):
        return [problem.kind for problem in await self.store.read(lambda tx: tx.problems.all())]

    async def stream(self):
        return await self.store.read(lambda tx: tx.streams.of_scope(StreamKind.COUNTS, "wms.main"))


@pytest.fixture
def live(tmp_path, monkeypatch):
    """Live through `story(rig)`, with a warehouse of these counts, in virtual time."""
    for name in ("STAGED_AT_ONCE", "FOLDED_AT_ONCE", "WISHED_AT_ONCE"):
        monkeypatch.setattr(importing, name, 3)

    def through(counts, story):
        async def main(_):
            rig = Rig(tmp_path, Warehouse(counts))
            try:
                await rig.begin()
                await story(rig)
            finally:
                rig.store.close()

        run(main, 1)

    return through


FIVE_EACH = [(sku, 5) for sku in ARTICLES]


def test_a_delivery_of_several_pages_is_one_import(live):
    async def story(rig):
        await rig.turn()
        assert rig.warehouse.asked == [None, "3", "6", "9"]
        (done,) = await rig.imports()
        assert (done.source, done.file, done.state) == ("wms.main", "wms.main monday", ImportState.DONE)
        assert done.figures.new == 12
        assert await rig.units() == dict.fromkeys(ARTICLES, 5)

    live(FIVE_EACH, story)


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


def test_another_delivery_counts_anew(live):
    async def story(rig):
        await rig.turn()
        rig.warehouse.counts, rig.warehouse.delivery = [("SKU-0", 4)], "tuesday"
        await rig.after(minutes=16)
        assert (await rig.units())["SKU-0"] == 4

    live(FIVE_EACH, story)


def test_a_mass_change_is_held_until_it_is_approved(live):
    async def story(rig):
        await rig.turn()
        rig.warehouse.counts, rig.warehouse.delivery = [(sku, 0) for sku in ARTICLES], "tuesday"
        await rig.after(minutes=16)
        held = (await rig.imports())[0]
        assert held.state is ImportState.HELD
        assert await rig.problems() == [ProblemKind.IMPORT_HELD]
        await rig.after(minutes=16)
        assert [one.state for one in await rig.imports()] == [ImportState.HELD, ImportState.DONE], "no second one"
        assert await rig.units() == dict.fromkeys(ARTICLES, 5)
        await rig.write(lambda tx: approve(tx, held, rig.clock.now()))
        await rig.turn()
        assert await rig.units() == dict.fromkeys(ARTICLES, 0)

    live(FIVE_EACH, story)


def test_what_a_person_discarded_does_not_come_back(live):
    async def story(rig):
        await rig.turn()
        rig.warehouse.counts, rig.warehouse.delivery = [(sku, 0) for sku in ARTICLES], "tuesday"
        await rig.after(minutes=16)
        held = (await rig.imports())[0]
        await rig.write(lambda tx: discard(tx, held, rig.clock.now()))
        await rig.after(minutes=16)
        assert [one.state for one in await rig.imports()] == [ImportState.DISCARDED, ImportState.DONE]
        assert await rig.problems() == []

    live(FIVE_EACH, story)


def test_the_guard_is_that_of_plugins_toml(live):
    async def story(rig):
        never = HoldIf(zeroed=evolve(HoldIf().zeroed, percent=100), changed=evolve(HoldIf().changed, percent=100))
        rig.worker = evolve(rig.worker, stock=StockConfig(CountMeaning.AVAILABLE, never))
        await rig.turn()
        rig.warehouse.counts, rig.warehouse.delivery = [(sku, 0) for sku in ARTICLES], "tuesday"
        await rig.after(minutes=16)
        latest = (await rig.imports())[0]
        assert (latest.state, latest.meaning) == (ImportState.DONE, CountMeaning.AVAILABLE)

    live(FIVE_EACH, story)


def test_counts_that_cannot_be_taken_are_refused_as_lines_of_a_file_are(live):
    """Covers P8."""
    counts = [
        StockCount("SKU-0", 5),
        StockCount("SKU-1", -1),
        StockCount("SKU-2", 2.5),
        StockCount("SKU-3", 5, location="moon"),
        StockCount("SKU-4", 5, counted_at=NOON + timedelta(hours=1)),
        StockCount("NOBODY", 5),
        StockCount("SKU-5", 5),
        StockCount(" SKU-5", 6),
    ]

    async def story(rig):
        await rig.turn()
        (done,) = await rig.imports()
        refused = await rig.store.read(lambda tx: tx.imports.refusals(done.id))
        assert [one.line for one in refused] == [2, 3, 4, 5, 6, 7, 8]
        assert "cannot be negative" in refused[0].reason
        assert "no whole number" in refused[1].reason
        assert "unknown location moon" in refused[2].reason
        assert "lies ahead" in refused[3].reason
        assert await rig.units() == {"SKU-0": 5}
        assert await rig.problems() == [ProblemKind.IMPORT_LINES_REFUSED]

    live(counts, story)


def test_counts_of_several_locations_name_theirs(live):
    counts = [StockCount("SKU-0", 5, location="venlo"), StockCount("SKU-1", 5)]

    async def story(rig):
        rig.worker = evolve(rig.worker, locations=Locations(own=(LocationId("hamburg"), LocationId("venlo"))))
        await rig.turn()
        (done,) = await rig.imports()
        refused = await rig.store.read(lambda tx: tx.imports.refusals(done.id))
        assert [one.reason for one in refused] == ["no location; known: hamburg, venlo"]
        assert (done.figures.lines, done.figures.refused) == (2, 1)

    live(counts, story)


def test_a_mended_catalog_takes_what_was_refused_of_the_same_delivery(live):
    async def story(rig):
        await rig.turn()
        await rig.after(minutes=16)
        assert len(await rig.imports()) == 1, "nothing is mended yet"
        await rig.write(lambda tx: tx.accounts.save_articles([(Sku("NEW"), "New", "")]))
        await rig.after(minutes=16)
        assert await rig.units() == {"SKU-0": 5, "NEW": 3}
        assert await rig.problems() == []

    live([("SKU-0", 5), ("NEW", 3)], story)


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
