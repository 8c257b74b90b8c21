"""The way into virtual time."""

import asyncio
import gc
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

from entrepot.runtime import Rng
from entrepot.simulation.seeds import stream
from entrepot.simulation.virtual_time.loop import VirtualLoop

T = TypeVar("T")


def run(
    main: Callable[[VirtualLoop], Coroutine[Any, Any, T]],
    seed: int,
    make_loop: Callable[[Rng], VirtualLoop] = VirtualLoop,
) -> T:
    """Run `main(loop)` in virtual time, cancel what it left behind, and return its result.

    Raises what `main` raises, and Deadlock, Livelock or ThreadsBanned where the run cannot go on.
    """
    loop = make_loop(stream(seed, "loop"))
    with _collecting_by_count(), asyncio.Runner(loop_factory=lambda: loop) as runner:
        try:
            return runner.run(main(loop))
        finally:
            loop.resume_all()  # a paused process could not be cleaned up


@contextmanager
def _collecting_by_count() -> Generator[None]:
    """Leave garbage collection to the loop. What lives already is frozen, so that its collections stay cheap."""
    enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
