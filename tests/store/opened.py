"""Stores without threads and without an event loop: a unit of work has run when the call returns."""

from entrepot.store.sqlite import SqliteStore


class InlineRunner:
    async def run(self, work):
        return work()


def open_inline(path):
    return SqliteStore(path, InlineRunner(), durable=False)


def done(coroutine):
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")
