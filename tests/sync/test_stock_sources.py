"""Stock sources: what a warehouse system delivers by itself is taken as a file is."""

from datetime import timedelta

from attrs import evolve

from entrepot.channel import StockCount
from entrepot.config.model import Locations, StockConfig
from entrepot.model import CountMeaning, LocationId, ProblemKind, Sku
from entrepot.stock.mass_change import HoldIf
from entrepot.store.records import ImportState
from entrepot.sync.importing import approve, discard
from tests.store.values import NOON
from tests.sync.warehouse import ARTICLES, FIVE_EACH


def test_a_delivery_of_several_pages_is_one_import(live):
    async def story(rig):
        await rig.turn()
        assert rig.warehouse.asked == [None, "3", "6", "9"]
        (done,) = await rig.imports()
        assert (done.source, done.file, done.state) == ("wms.main", "wms.main monday", ImportState.DONE)
        assert done.figures.new == 12
        assert await rig.units() == dict.fromkeys(ARTICLES, 5)

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
