"""The writer thread of a simulated process."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from entrepot.runtime import Rng
from entrepot.simulation.worlds.crash import Poison

T = TypeVar("T")


class _Job:
    """One unit of work on its way through the thread."""

    def __init__(self, work: Callable[[], Any], done: asyncio.Future[None]) -> None:
        self.done = done
        self.started = False
        self.ended = False
        self._work = work
        self._result: Any = None
        self._error: BaseException | None = None

    def start(self) -> None:
        self.started = True
        try:
            self._result = self._work()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the work raises is the caller's, if that still listens
            self._error = error

    def end(self) -> None:
        self.ended = True
        if not self.done.done():
            self.done.set_result(None)

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._result


class SimExecutor:
    """Runs synchronous work in the loop, each piece whole, at a moment that chance chooses.

    `delay` bounds, in virtual seconds, both the wait in the thread's queue and the way back of the answer.
    """

    def __init__(self, rng: Rng, poison: Poison, *, delay: tuple[float, float] = (0.0, 0.005)) -> None:
        self._rng = rng
        self._poison = poison
        self._delay = delay

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work()`, or what it raises.

        When the caller is cancelled before the work began, chance decides whether it still runs. Work that does run has
        ended before the cancellation is raised. Raises Crashed after the process's death.
        """
        self._poison.check("before_transaction")
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future())
        queued = loop.call_later(self._rng.uniform(*self._delay), self._start, job)
        try:
            await job.done
        except asyncio.CancelledError:
            await self._end(job, queued)
            raise
        self._poison.check("after_transaction")
        result: T = job.result()
        return result

    def _start(self, job: _Job) -> None:
        if not self._poison.taken:
            job.start()
        asyncio.get_running_loop().call_later(self._rng.uniform(*self._delay), job.end)

    async def _end(self, job: _Job, queued: asyncio.TimerHandle) -> None:
        if not job.started and self._rng.random() < 1 / 2:
            queued.cancel()
            return
        while not job.ended:
            job.done = asyncio.get_running_loop().create_future()  # the cancellation took the one before
            with suppress(asyncio.CancelledError):
                await job.done
