"""A backup is restored after the shop has gone on: nothing is sent unseen, nothing is told as something new."""

from entrepot.model import AccountId, EventName
from entrepot.store.sqlite.maintenance import backup, restore
from entrepot.sync.stocktaking import count
from tests.sync.rig import SKU, live

SHOP = AccountId("shop")


async def events(rig):
    return await rig.read(lambda tx: tx.outbox.after(0, 100_000))


async def put_back(rig, copy):
    """What `entrepot store restore` does, and a start of a daemon on it."""
    await rig.life.drain()
    rig.world.replace_store(lambda: restore(copy, rig.world.path, rig.world.clock.now()))
    rig.start()


def test_a_restored_backup_sends_nothing_unseen_and_tells_nothing_as_new(tmp_path):
    """Covers P1, P2, P5."""

    async def story(rig):
        world = rig.world
        early = await rig.place(2, minutes=5)
        await rig.wait(hours=1)
        copy = backup(world.path, tmp_path / "copies", world.clock.now())
        late = await rig.place(3, minutes=5)
        await rig.wait(hours=1)
        told_before = await events(rig)
        shown = rig.shop.stock[SKU]
        assert shown == 94  # one is kept back

        requests, handle = [], world.network[SHOP].handle_async_request

        def note(request):
            requests.append((request.method, request.url.path))
            return handle(request)

        world.network[SHOP].handle_async_request = note
        await put_back(rig, copy)
        assert set(await rig.stored()) == set(early)
        await rig.wait(hours=8)

        assert set(await rig.stored()) == {*early, *late}
        assert rig.shop.stock[SKU] == shown
        writes = [place for place, (method, _) in enumerate(requests) if method != "GET"]
        assert writes == [], "the channel showed what it should"

        def changes(rows):
            return {row.key for row in rows if row.name == EventName.ORDER_CHANGED}

        rows = await events(rig)
        assert changes(rows) == changes(told_before), "the same changes have the same keys"
        last = max(row.id for row in told_before)
        fresh = [row for row in rows if row.id > last]
        assert fresh
        others = {row.key for row in fresh if row.name != EventName.ORDER_CHANGED}
        assert not others & {row.key for row in told_before}, "a new event never has the key of an old one"

    live(tmp_path, story)


def test_a_quantity_published_after_the_backup_is_read_back_before_it_is_lowered(tmp_path):
    """Covers P5: the backup says 99 is believed, the channel shows 59; then 40 are counted."""

    async def story(rig):
        world = rig.world
        copy = backup(world.path, tmp_path / "copies", world.clock.now())
        now = world.clock.now()
        await rig.read(lambda tx: count(tx, SKU, 60, now, "later", now))
        await rig.wait(hours=1)
        assert rig.shop.stock[SKU] == 59
        requests, handle = [], world.network[SHOP].handle_async_request

        def note(request):
            requests.append((request.method, request.url.path))
            return handle(request)

        world.network[SHOP].handle_async_request = note
        await put_back(rig, copy)
        again = world.clock.now()
        await rig.read(lambda tx: count(tx, SKU, 40, again, "again", again))
        await rig.wait(hours=2)
        methods = [(method, path) for method, path in requests if "stock" in path]
        assert methods[0][0] == "GET"
        assert rig.shop.stock[SKU] == 39

    live(tmp_path, story)
