"""Programs that send as the quota lets them, in virtual time, through a network that delays and reorders."""

import asyncio
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from math import ceil

from attrs import define, evolve, field

from entrepot.channel import Reads
from entrepot.http import CallGrant
from entrepot.model import AccountId
from entrepot.quota import BucketKey, MemoryQuota, Observed, Priority
from entrepot.quota.shared import Asking, Spender, reserve_call, settle_call
from entrepot.simulation import EPOCH, VirtualClock
from entrepot.store.sqlite import migrate
from entrepot_mock_channel import MOCK
from tests.store.opened import open_inline

SHOP = AccountId("shop")
DEADLINE = timedelta(seconds=30)
LATENCY = 0.02, 0.4
"""Seconds, each way."""


def at(seconds):
    return EPOCH + timedelta(seconds=seconds)


def spender(limit, *, account=SHOP, learns=True):
    """An account whose operation `fetch_orders` spends one of the limit."""
    operations = {"fetch_orders": Reads(spends={"it": 1})}
    channel = evolve(MOCK, limits={"it": limit}, operations=operations)
    return Spender(account, "mock/production/app", channel, learns=learns)


def ask(tx, who, seconds, stream=None, priority=Priority.FRESH_ORDERS):
    """None where `fetch_orders` may be called, else the seconds at which to ask again."""
    return call(tx, who, "fetch_orders", seconds, stream, priority)


def call(tx, who, operation, seconds, stream, priority):
    """As `ask`, for any operation."""
    now = at(seconds)
    told = reserve_call(tx.quota, who, operation, Asking(priority, stream), now, now + DEADLINE, day=now.date())
    return told and (told - EPOCH).total_seconds()


def settle(tx, who, seconds, *answers):
    granted = CallGrant("fetch_orders", writes=False, remaining={}, requests=len(answers), observed=list(answers))
    settle_call(tx.quota, who, granted, None, at(seconds), day=at(seconds).date())


@contextmanager
def stores(path, count):
    """One database, a connection for each worker."""
    migrate(path)
    with ExitStack() as stack:
        opened = [open_inline(path) for _ in range(count)]
        for store in opened:
            stack.callback(store.close)
        yield opened


@define
class Run:
    """What a run sends. `waits`: how often somebody had to be told to come again."""

    server: object
    rng: object
    calls: int
    tell: float | None = None
    sent: list = field(factory=list)
    round_trips: list = field(factory=list)
    waits: int = 0

    async def request(self, loop):
        """There and back; what the answer says."""
        begun = loop.time()
        self.sent.append(begun)
        await asyncio.sleep(self.rng.uniform(*LATENCY))
        allowed = self.server.arrive(loop.time())
        await asyncio.sleep(self.rng.uniform(*LATENCY))
        self.round_trips.append(loop.time() - begun)
        return Observed("it", at(begun), rate=self.tell if allowed else None, refused=not allowed)


def in_flight(limit, workers):
    """Streams enough to keep the limit busy: a round trip is 0.84 s at most."""
    return max(workers, ceil(limit.per_second * 0.84) + 2)


async def through_stores(loop, run, limit, opened):
    """The workers of one store, each with its part of the streams; nobody sleeps but until it is told to ask again."""
    who = spender(limit)

    async def stream(number, store):
        while len(run.sent) < run.calls:
            again = await store.write(lambda tx: ask(tx, who, loop.time(), number))
            if again is not None:
                run.waits += 1
                await asyncio.sleep(again - loop.time())
                continue
            answer = await run.request(loop)
            await store.write(lambda tx, answer=answer: settle(tx, who, loop.time(), answer))

    async with asyncio.TaskGroup() as group:
        for number in range(1, in_flight(limit, len(opened)) + 1):
            group.create_task(stream(number, opened[number % len(opened)]))


async def among_crashes(loop, run, limit, opened, risk):
    """As `through_stores`, but at each moment a stream's daemon may die, and what it knew with it."""
    who = spender(limit)

    async def stream(number, store):
        while len(run.sent) < run.calls:
            again = await store.write(lambda tx: ask(tx, who, loop.time(), number))
            if again is not None:
                await asyncio.sleep(again - loop.time())
            elif run.rng.random() < risk:  # dead before it could send
                await asyncio.sleep(run.rng.uniform(0, 60))
            else:
                await sent(store)

    async def sent(store):
        answer = await run.request(loop)
        if run.rng.random() < risk:  # dead before it could note the answer
            await asyncio.sleep(run.rng.uniform(0, 60))
        else:
            await store.write(lambda tx: settle(tx, who, loop.time(), answer))

    async with asyncio.TaskGroup() as group:
        for number in range(1, len(opened) + 3):
            group.create_task(stream(number, opened[number % len(opened)]))


async def through_memory(loop, run, limit, workers):
    """Tasks of one program."""
    quota, key = MemoryQuota({"it": limit}, VirtualClock(loop), call_deadline=DEADLINE), BucketKey(SHOP, "it")

    async def task():
        while len(run.sent) < run.calls:
            await quota.acquire(key)
            quota.answered(key, [await run.request(loop)])

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight(limit, workers)):
            group.create_task(task())
