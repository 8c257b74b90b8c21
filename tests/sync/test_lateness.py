from attrs import evolve

from entrepot.model import EventName, ProblemKind
from entrepot.simulation.doubles.call import Answer
from tests.sync.rig import ORDERS, PAGED, live

SELDOM = evolve(PAGED, limits={name: evolve(limit, per_second=1 / 300) for name, limit in PAGED.limits.items()})
"""What a 429 holds up waits for five minutes at least."""


async def events(rig):
    rows = await rig.read(lambda tx: tx.outbox.after(0, 10_000))
    return [row.name for row in rows if row.subject == "orders_late/account/shop"]


def test_orders_that_come_late_for_a_busy_account_are_told(tmp_path):
    """Covers R31, P8: a pass that 429s hold up fails nothing, yet new orders wait behind it."""

    async def story(rig):
        numbers = await rig.place(10, minutes=1)
        rig.shop.script(None, *[Answer(429)] * 10_000, route=ORDERS)
        await rig.wait(hours=3)
        assert await rig.problems() == {ProblemKind.ORDERS_LATE}
        (told,) = await rig.read(lambda tx: tx.problems.all())
        assert told.message.startswith("shop: what changed after 2030-01-01 00:")
        rig.shop.calm()
        await rig.wait(hours=2)
        assert (await rig.stored()).keys() == set(numbers)
        assert await rig.problems() == set()
        assert await events(rig) == [EventName.PROBLEM_OPENED, EventName.PROBLEM_CLOSED]

    live(tmp_path, story, channel=SELDOM)


def test_an_account_that_was_off_for_a_night_is_not_late_once_it_reads(tmp_path):
    async def story(rig):
        await rig.life.drain()
        await rig.place(10, hours=1)
        rig.start()
        await rig.wait(minutes=30)
        assert await rig.problems(closed_too=True) == set()

    live(tmp_path, story)
