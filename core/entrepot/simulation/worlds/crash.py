"""A simulated process: it can crash, pause and come back, and after its death it changes nothing."""

from asyncio import Task
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, TypeVar

import httpx

from entrepot.runtime import Clock, Rng
from entrepot.simulation.errors import Crashed
from entrepot.simulation.virtual_time.loop import VirtualLoop

T = TypeVar("T")


class Poison:
    """The switch that all ports of one process share. With a fuse it is taken at a port's n-th use from now."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._fuse: tuple[int, Callable[[], object]] | None = None
        self._fuse_of = ""
        self.phase = ""
        self.taken = False

    def light(self, uses: int, blow: Callable[[], object], phase: str = "") -> None:
        """Call `blow` at the `uses`-th use of a port, in the middle of whatever the process does then.

        With `phase` only uses in that phase count.
        """
        self._fuse, self._fuse_of = (uses, blow), phase

    def snuff(self) -> None:
        """Put out a fuse that still burns."""
        self._fuse = None

    def take(self) -> None:
        self.taken = True

    def check(self, phase: str = "") -> None:
        """Raises Crashed after the process's death. `phase` is what the process is about to do, or has just done."""
        if self._fuse is not None and not self.taken and self._fuse_of in {"", phase}:
            uses, blow = self._fuse
            self._fuse = (uses - 1, blow) if uses > 1 else None
            if self._fuse is None:
                self.phase = phase
                blow()
        if self.taken:
            raise Crashed(self._name)


class PoisonedClock:
    def __init__(self, clock: Clock, poison: Poison) -> None:
        self._clock = clock
        self._poison = poison

    def now(self) -> datetime:
        self._poison.check("at_clock")
        return self._clock.now()


class PoisonedRng:
    def __init__(self, rng: Rng, poison: Poison) -> None:
        self._rng = rng
        self._poison = poison

    def random(self) -> float:
        self._poison.check("at_chance")
        return self._rng.random()

    def uniform(self, a: float, b: float) -> float:
        self._poison.check("at_chance")
        return self._rng.uniform(a, b)

    def randint(self, a: int, b: int) -> int:
        self._poison.check("at_chance")
        return self._rng.randint(a, b)

    def choice(self, seq: Sequence[T]) -> T:
        self._poison.check("at_chance")
        return self._rng.choice(seq)


class PoisonedTransport(httpx.AsyncBaseTransport):
    """A process's access to the network, which outlives the process: closing this closes nothing."""

    def __init__(self, network: httpx.AsyncBaseTransport, poison: Poison) -> None:
        self._network = network
        self._poison = poison

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._poison.check("before_request")
        response = await self._network.handle_async_request(request)
        self._poison.check("after_answer")
        return response


class Process:
    """One life of a simulated process; a restart is another one, under another name.

    Give it ports that share `poison`. Store calls go through a `SimExecutor` with the same poison.
    """

    def __init__(self, loop: VirtualLoop, name: str) -> None:
        self.name = name
        self.poison = Poison(name)
        self._loop = loop
        self._at_crash: list[Callable[[], object]] = []

    def start(self, main: Callable[[], Coroutine[Any, Any, T]]) -> Task[T]:
        """Everything that `main` starts belongs to this process."""
        return self._loop.create_task(main(), name=self.name, context=self._loop.tagged(self.name))

    def at_crash(self, close: Callable[[], object]) -> None:
        """What the system does when the process dies, such as closing its SQLite connection (a rollback)."""
        self._at_crash.append(close)

    def crash(self) -> None:
        """kill -9, at this instant. From within the process, raise Crashed right after."""
        self.poison.take()
        for close in self._at_crash:
            close()
        self._loop.kill(self.name)

    def pause(self) -> None:
        """SIGSTOP: the process sleeps while its leases run out."""
        self._loop.pause(self.name)

    def resume(self) -> None:
        self._loop.resume(self.name)
