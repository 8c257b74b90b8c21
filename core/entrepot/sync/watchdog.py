"""A thread that looks whether the event loop turns, and names who keeps it, while it does not.

What a plugin's call measures of itself is known after the call only, and is lost with a lease that ran out meanwhile.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from types import FrameType

import structlog
from attrs import evolve, frozen

from entrepot.errors import StoreError
from entrepot.runtime import Clock
from entrepot.store import Store
from entrepot.sync import blocking
from entrepot.sync.blocking import TOO_LONG, UNDER_WAY, Doer, Stretches, open_blocking, words

LOOK = timedelta(milliseconds=250)
"""Between two looks. What blocks for TOO_LONG and this is seen for certain; less, by the measure of its call alone."""

AGAIN = timedelta(seconds=5)
"""Before a problem is stored again that the store refused."""

DEEPEST = 8
"""Lines of the stack that are logged."""

TASK = "a task of its own"

log = structlog.get_logger()


@frozen
class Kept:
    """Who keeps the loop, for how long so far, and in which line: `module:line (function)`.

    `doer` is None where it is Entrepot itself.
    """

    doer: Doer | None
    span: timedelta
    at: str


class Watchdog:
    """Watches the loop in which it is made, between `start` and `stop`.

    `kept` is who keeps the loop at this moment; `lag` is how long the loop took to answer last; `times` how often it
    was kept too long.
    """

    def __init__(self, *, patience: timedelta = TOO_LONG, look: timedelta = LOOK) -> None:
        self.kept: Kept | None = None
        self.lag = timedelta()
        self.times = 0
        self._patience = patience
        self._look = look
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._found: asyncio.Queue[Kept] = asyncio.Queue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns once the thread has ended."""
        self._ended.set()
        self._thread.join()

    async def tell(self, store: Store, clock: Clock) -> None:
        """Store a problem for each plugin that kept the loop. Runs until it is cancelled."""
        while True:
            kept = await self._found.get()
            try:
                await _store(store, clock, kept)
            except StoreError as refused:
                log.error("store_refused", reason=str(refused))  # noqa: TRY400 - the message says it all
                self._found.put_nowait(kept)
                await asyncio.sleep(AGAIN.total_seconds())

    async def tell_rest(self, store: Store, clock: Clock) -> None:
        """What was found last, before the end. Raises StoreError."""
        while not self._found.empty():
            await _store(store, clock, self._found.get_nowait())

    def _watch(self) -> None:
        while not self._ended.wait(self._look.total_seconds()):
            began, answered = self._loop.time(), threading.Event()
            try:
                self._loop.call_soon_threadsafe(answered.set)
            except RuntimeError:  # it is closed
                return
            if not answered.wait(self._patience.total_seconds()):
                try:
                    self._accompany(began, answered)
                except Exception:
                    log.exception("watchdog_failed")  # it goes on
            self.lag = self._since(began)

    def _accompany(self, began: float, answered: threading.Event) -> None:
        """From here on until the loop turns again."""
        if self._ended.is_set() or self._since(began) > 2 * self._patience:
            return  # the loop waits for this thread, or this thread stood still as well: the machine, or the process
        kept, stretches = self._seen(self._since(began))
        if kept is None:
            return
        self.kept, self.times = kept, self.times + 1
        while not (answered.wait(self._look.total_seconds()) or self._ended.is_set()):
            self.lag = self._since(began)
        self.kept = None
        if kept.doer is None:
            return
        span = max(self._since(began), stretches.longest if stretches else timedelta())
        with suppress(RuntimeError):  # it is closed
            self._loop.call_soon_threadsafe(self._found.put_nowait, evolve(kept, span=span))

    def _seen(self, span: timedelta) -> tuple[Kept | None, Stretches | None]:
        """Nobody where the loop has come back during the look."""
        stretches = UNDER_WAY.get(self._watched)
        stack = list(_callback(sys._current_frames().get(self._watched)))  # noqa: SLF001 - documented, for debuggers
        if not stack or UNDER_WAY.get(self._watched) is not stretches:
            return None, None
        at = _place(next((frame for frame in stack if not _is_of_python(frame)), stack[0]))
        if stretches is not None:
            stretches.seen_at = at
        doer = stretches.doer if stretches else _owner(stack[-1])
        who = words(doer, span) if doer else {"plugin": None, "milliseconds": round(span / blocking.MILLISECOND)}
        log.warning("loop_blocked", **who, at=at, frames=[_place(frame) for frame in stack[:DEEPEST]])
        return Kept(doer, span, at), stretches

    def _since(self, began: float) -> timedelta:
        return timedelta(seconds=self._loop.time() - began)


@asynccontextmanager
async def watched(store: Store, clock: Clock) -> AsyncIterator[Watchdog]:
    """The present loop is watched as long as the block runs."""
    watchdog = Watchdog()
    watchdog.start()
    telling = asyncio.create_task(watchdog.tell(store, clock), name="watchdog")
    try:
        yield watchdog
    finally:
        watchdog.stop()
        telling.cancel()
        await asyncio.wait([telling])
        with suppress(StoreError):
            await watchdog.tell_rest(store, clock)


async def _store(store: Store, clock: Clock, kept: Kept) -> None:
    doer = kept.doer
    if doer is not None:
        await store.write(lambda tx: open_blocking(tx, doer, kept.span, kept.at, clock.now()))


def _callback(frame: FrameType | None) -> Iterator[FrameType]:
    """From the innermost frame out to what the loop, or a measure, has called. Nothing where the loop waits."""
    found: list[FrameType] = []
    while frame is not None:
        if frame.f_globals is vars(blocking) or _module(frame) == "asyncio.events":
            yield from found
            return
        found.append(frame)
        frame = frame.f_back


def _owner(outermost: FrameType) -> Doer | None:
    """Of a task that nobody measures: a plugin has started it, or we."""
    package = _module(outermost).partition(".")[0]
    return None if package in {"entrepot", *sys.stdlib_module_names} else Doer(package, None, TASK)


def _is_of_python(frame: FrameType) -> bool:
    """Whoever calls the standard library is to blame for it."""
    return _module(frame).partition(".")[0] in sys.stdlib_module_names


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _place(frame: FrameType) -> str:
    """Without a path: that is the machine's business."""
    return f"{_module(frame)}:{frame.f_lineno} ({frame.f_code.co_name})"
