"""Observers that fail, hang or block: the others, and every account, go on."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from entrepot.model import Event, EventName, ProblemKind
from entrepot.runtime import RandomIds
from entrepot.simulation.seeds import stream
from entrepot.store.sqlite import migrate
from entrepot.sync.runtime import Worker
from entrepot.sync.telling import Observer, add_observer, tell
from tests.store.opened import done, open_inline
from tests.store.values import NOON, SHOP
from tests.sync.rig import live


def observers(misbehaves):
    """One that misbehaves, and one that notes the subjects of which it is told."""
    told = []

    async def note(event):
        told.append(event.subject)

    bad = Observer("bad.order_changed", EventName.ORDER_CHANGED, misbehaves)
    return (bad, Observer("good.order_changed", EventName.ORDER_CHANGED, note)), told


async def fails(event):
    raise RuntimeError("no")


async def hangs(event):
    await asyncio.Event().wait()


async def blocks(event):
    asyncio.get_running_loop().spend(5)


@pytest.mark.parametrize(
    ("misbehaves", "kind", "words"),
    [
        (fails, ProblemKind.OBSERVER_PARKED, "observer bad.order_changed does not take its events: RuntimeError: no"),
        (hangs, ProblemKind.OBSERVER_PARKED, "observer bad.order_changed does not take its events: took longer"),
        (blocks, ProblemKind.PLUGIN_BLOCKS_LOOP, "the plugin bad.order_changed worked for 5000 ms"),
    ],
)
def test_others_are_unaffected_and_it_is_named(tmp_path, misbehaves, kind, words):
    """Covers P1, P2, P8, P11: every order of both accounts is stored and told once."""
    both, told = observers(misbehaves)

    async def story(rig):
        numbers = await rig.place(3, minutes=5)
        await rig.wait(hours=2)
        assert set(await rig.stored()) == set(numbers)
        assert await rig.reserved() == 6
        assert sorted(told) == sorted(f"order/{number}" for number in numbers * 2)
        found = [one for one in await rig.read(lambda tx: tx.problems.all()) if one.kind is kind]
        assert found
        assert all(one.message.startswith(words) for one in found)
        rig.life.crash()

    live(tmp_path, story, accounts=("shop", "other"), observers=both)


class HandClock:
    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at


@pytest.fixture
def two_daemons(tmp_path):
    """Workers on one database, by one clock."""
    migrate(tmp_path / "entrepot.db")
    stores, clock = [open_inline(tmp_path / "entrepot.db") for _ in range(2)], HandClock()
    yield [Worker(f"daemon-{n}", store, clock, stream(n, "r"), RandomIds(), {}) for n, store in enumerate(stores)]
    for store in stores:
        store.close()


def test_who_blocks_until_another_has_its_lease_settles_nothing(two_daemons):
    """Covers P2, P11: what the other one has noted stays; the plugin is named all the same."""
    blocked, other = two_daemons
    told = []

    async def takes(event):
        told.append(event.subject)

    async def blocks_then_fails(event):
        blocked.clock.at += timedelta(minutes=1)  # its lease is over
        done(tell(other, Observer("watcher", EventName.ORDER_CHANGED, takes)))
        raise RuntimeError("too late")

    observer = Observer("watcher", EventName.ORDER_CHANGED, blocks_then_fails)

    def event(tx):
        add_observer(tx, observer, NOON)
        tx.outbox.add([Event(EventName.ORDER_CHANGED, "A1", "key", NOON, SHOP, {})])

    done(blocked.store.write(event))
    with capture_logs() as logs:
        assert asyncio.run(tell(blocked, observer)) is False
    assert [entry["event"] for entry in logs] == ["lease_lost"]
    assert told == ["A1"]
    left = done(other.store.read(lambda tx: (tx.outbox.told_until("watcher"), tx.outbox.parked("watcher"))))
    assert left == (1, [])
    assert asyncio.run(tell(other, observer)) is False
    assert told == ["A1"]
