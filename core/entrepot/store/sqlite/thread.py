"""The one thread that touches the database.

A point read costs 0.1 ms through it, and the event loop never waits for a disk.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class ThreadRunner:
    """Runs functions one after the other on a thread of its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def run(self, work: Callable[[], T]) -> T:
        job = self._thread.submit(work)
        answer = asyncio.wrap_future(job)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            # A transaction that has begun is ended, one way or the other, before anybody hears of the cancellation.
            # The job is asked: asyncio's own future calls itself cancelled while the thread still works.
            if not job.cancel():
                await _ended(answer)
            raise

    def close(self) -> None:
        self._thread.shutdown(wait=True)


async def _ended(answer: asyncio.Future[T]) -> None:
    """Wait for a running job, however often the waiting task is cancelled meanwhile. Nobody asks for its error."""
    while not answer.done():
        try:
            await asyncio.wait([answer])
        except asyncio.CancelledError:
            continue
    answer.exception()
