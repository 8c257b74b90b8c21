import asyncio
import threading

import pytest

from entrepot.store.sqlite import SqliteStore, ThreadRunner
from tests.store.values import NOON, SHOP, account


@pytest.fixture
def runner():
    made = ThreadRunner()
    yield made
    made.close()


@pytest.fixture
def store(database, runner):
    opened = SqliteStore(database, runner)
    yield opened
    opened.close()


async def until(event):
    assert await asyncio.to_thread(event.wait, 5)


async def turns(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_cancelled_write_has_ended_before_the_cancellation_is_raised(store):
    """Covers P3: however often it is cancelled, its caller learns of it after the commit."""
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx):
        tx.accounts.save(account())
        begun.set()
        assert go_on.wait(5)

    async def main():
        writing = asyncio.create_task(store.write(slow))
        await until(begun)
        for _ in range(3):
            writing.cancel()
            await turns()
            assert not writing.done(), "the transaction is still open"
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        return await store.read(lambda tx: tx.accounts.find(SHOP))

    assert asyncio.run(main()) == account()


def test_a_cancelled_write_that_had_not_begun_never_runs(store):
    """Covers P3."""
    begun, go_on, ran = threading.Event(), threading.Event(), []

    async def main():
        first = asyncio.create_task(store.read(lambda tx: begun.set() or go_on.wait(5)))
        await until(begun)
        second = asyncio.create_task(store.write(lambda tx: ran.append(1)))
        await turns()
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        go_on.set()
        await first
        await store.read(lambda tx: None)

    asyncio.run(main())
    assert ran == []


def test_an_error_after_a_cancellation_rolls_back_and_is_nobodys(store):
    """Covers P3: the caller was cancelled and hears of that alone."""
    begun, go_on = threading.Event(), threading.Event()

    def failing(tx):
        tx.accounts.save(account())
        begun.set()
        assert go_on.wait(5)
        raise RuntimeError("too late")

    async def main():
        writing = asyncio.create_task(store.write(failing))
        await until(begun)
        writing.cancel()
        await turns()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await writing
        return await store.read(lambda tx: tx.accounts.all())

    assert asyncio.run(main()) == []


def test_an_error_reaches_the_caller(store):
    async def main():
        await store.write(lambda tx: tx.accounts.park(SHOP, NOON) or 1 / 0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())
