"""An event loop in virtual time: the same seed gives the same run.

It is built on asyncio's public API only. There is no selector, no thread and no real waiting: a ready callback is
picked by chance, and when none is ready the clock jumps to the next timer.
"""

import asyncio
import gc
import logging
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any, Never, TypeVarTuple

from entrepot.runtime import Rng
from entrepot.simulation.errors import Crashed, Deadlock, Livelock, ThreadsBanned
from entrepot.simulation.virtual_time.schedule import TICK, Schedule, Step
from entrepot.simulation.virtual_time.tasks import SimFuture, SimTask, describe, where

Args = TypeVarTuple("Args")
ErrorContext = dict[str, Any]
ErrorHandler = Callable[[asyncio.AbstractEventLoop, ErrorContext], object]

LIVELOCK = 10_000
"""Callbacks without time moving."""

COLLECT_EVERY = 50_000
"""Callbacks between two garbage collections. Collecting may close an async generator, which takes a step of the loop;
the interpreter's own schedule depends on everything that was ever allocated in the process."""

_tag: ContextVar[str | None] = ContextVar("simulated_process", default=None)
_log = logging.getLogger(__name__)


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs callbacks in the order that `rng` chooses, at times that nobody waits for.

    `tagged` marks everything that runs in a context as one simulated process, which can be paused, resumed and killed.
    The tag is inherited by every task and callback that is made in that context.
    """

    def __init__(self, rng: Rng) -> None:
        self._schedule = Schedule(rng)
        self._numbers = 0
        self._steps = 0
        self._steps_at_this_time = 0
        self._thread: int | None = None
        self._thread_wanted = ""
        self._stopping = False
        self._closed = False
        self._debug = False
        self._asyncgens: weakref.WeakValueDictionary[int, AsyncGenerator[Any, Any]] = weakref.WeakValueDictionary()
        self._exception_handler: ErrorHandler | None = None

    # Time

    def time(self) -> float:
        """Virtual seconds since the start of the run."""
        return self._schedule.now

    def spend(self, seconds: float) -> None:
        """Let time pass inside a callback, as work that does not give way does."""
        self._schedule.now += seconds

    def fingerprint(self) -> str:
        """A digest of every scheduling decision so far: equal in two runs that went the same way."""
        return self._schedule.fingerprint()

    # Scheduling

    def call_soon(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        context = self._context(context)
        handle = asyncio.Handle(callback, args, self, context)
        self._schedule.add(Step(handle, callback, args, context, context.get(_tag)))
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        """Like `call_soon`. From another thread it ends the run with `ThreadsBanned`."""
        if self._thread in (None, threading.get_ident()):
            return self.call_soon(callback, *args, context=context)
        self._thread_wanted = f"The thread {threading.current_thread().name!r} called into the loop"
        return asyncio.Handle(callback, args, self, context)

    def call_later(
        self, delay: float, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._schedule.now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = self._context(context)
        when = max(when, self._schedule.now + TICK)
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._schedule.add_timer(when, Step(handle, callback, args, context, context.get(_tag)))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Asyncio's hook for counting; a cancelled timer is passed over when its time comes."""

    def _context(self, given: Context | None) -> Context:
        if self._closed:
            message = "The virtual loop is closed: its run is over"
            raise RuntimeError(message)
        return copy_context() if given is None else given  # an empty Context is false

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *_args: Any) -> Never:  # type: ignore[override]  # noqa: ARG002 - refuses
        """Raises ThreadsBanned, and ends the run with it in case the caller swallows that."""
        self._thread_wanted = f"run_in_executor was asked to run {getattr(func, '__qualname__', func)}"
        raise ThreadsBanned(self._thread_wanted)

    # Futures and tasks

    def create_future(self) -> asyncio.Future[Any]:
        return SimFuture(self._number(), loop=self)

    def create_task(
        self, coro: Any, *, name: object = None, context: Context | None = None, **_eager: Any
    ) -> asyncio.Task[Any]:
        """Raises Crashed in a process that was killed."""
        context = self._context(context)
        tag = context.get(_tag)
        if tag in self._schedule.killed:
            coro.close()
            raise Crashed(tag)
        number = self._number()
        label = f"task-{number}" if name is None else str(name)
        return SimTask(coro, number, loop=self, name=label, context=context, tag=tag)

    def get_task_factory(self) -> None:
        return None

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    # Simulated processes

    def tagged(self, tag: str) -> Context:
        """A copy of the present context in which everything belongs to the process `tag`."""
        context = copy_context()
        context.run(_tag.set, tag)
        return context

    def pause(self, tag: str) -> None:
        """Hold back every callback of the process. Time and the others go on, its timers expire meanwhile."""
        self._schedule.paused.add(tag)

    def resume(self, tag: str) -> None:
        self._schedule.resume(tag)

    def resume_all(self) -> None:
        for tag in sorted(self._schedule.paused):
            self._schedule.resume(tag)

    def kill(self, tag: str) -> None:
        """No callback of the process runs any more; a moment later its tasks are unwound and count as cancelled.

        Unwinding runs `finally` blocks, so poison the ports of the process first (`Process.crash`). A task may kill its
        own process: it ends at its next suspension.
        """
        self._schedule.kill(tag)
        # Not here: asyncio.current_task() would be the caller's, which may itself be one of them.
        self.call_soon(self._drop_tasks, tag, context=Context())

    def _drop_tasks(self, tag: str) -> None:
        mine = [task for task in asyncio.all_tasks(self) if isinstance(task, SimTask) and task.tag == tag]
        for task in sorted(mine, key=hash):
            task.drop()

    # Running

    def run_forever(self) -> None:
        if self._thread is not None or self._closed:
            message = "The virtual loop is already running or closed"
            raise RuntimeError(message)
        with self._running():
            while not self._stopping:
                self._run_one()

    @contextmanager
    def _running(self) -> Generator[None]:
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_started, finalizer=self._asyncgen_lost)
        asyncio._set_running_loop(self)  # noqa: SLF001 - exported for implementers of event loops
        self._thread, self._stopping = threading.get_ident(), False
        try:
            yield
        finally:
            self._thread = None
            asyncio._set_running_loop(None)  # noqa: SLF001 - as above
            sys.set_asyncgen_hooks(*hooks)

    def run_until_complete(self, future: Any) -> Any:
        """Raises Deadlock, Livelock or ThreadsBanned where the run cannot go on."""
        task = asyncio.ensure_future(future, loop=self)
        task.add_done_callback(self._stop_after)
        try:
            self.run_forever()
        finally:
            task.remove_done_callback(self._stop_after)
        if not task.done():
            message = "The virtual loop was stopped before its main task was done"
            raise RuntimeError(message)
        return task.result()

    def _stop_after(self, _done: object) -> None:
        self.stop()

    def _run_one(self) -> None:
        self._check_progress()
        while (step := self._schedule.pick()) is None:
            if not self._schedule.jump():
                self._raise_deadlock()
            self._steps_at_this_time = 0
        try:
            step.context.run(step.callback, *step.args)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - one callback's failure is reported, the loop goes on
            message = f"Exception in callback {step.callback!r}"
            self.call_exception_handler({"message": message, "exception": error, "handle": step.handle})

    def _check_progress(self) -> None:
        self._steps += 1
        self._steps_at_this_time += 1
        if self._steps % COLLECT_EVERY == 0:
            gc.collect()
        if self._thread_wanted:
            what, self._thread_wanted = self._thread_wanted, ""
            raise ThreadsBanned(what)
        if self._steps_at_this_time > LIVELOCK:
            self._steps_at_this_time = 0  # so that the cleanup can run
            message = f"{LIVELOCK} callbacks ran at {self.time()} s without time moving.{self._pending()}"
            raise Livelock(message)

    def _raise_deadlock(self) -> Never:
        if any("run_sync_in_worker_thread" in where(task) for task in asyncio.all_tasks(self)):
            what = f"A task waits for a worker thread.{self._pending()}\n"
            raise ThreadsBanned(what)
        message = f"Nothing can run at {self.time()} s and no timer is set.{self._pending()}"
        raise Deadlock(message)

    def _pending(self) -> str:
        paused = f" Paused: {', '.join(sorted(self._schedule.paused))}." if self._schedule.paused else ""
        return f"{paused} Pending tasks:{describe(asyncio.all_tasks(self))}"

    # State

    def stop(self) -> None:
        self._stopping = True

    def is_running(self) -> bool:
        return self._thread is not None

    def is_closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        self._closed = True
        self._schedule.clear()

    def get_debug(self) -> bool:
        return self._debug

    def set_debug(self, enabled: bool) -> None:  # noqa: FBT001 - asyncio's signature
        self._debug = enabled

    # Cleanup, called by asyncio.Runner

    def _asyncgen_started(self, generator: AsyncGenerator[Any, Any]) -> None:
        self._asyncgens[self._number()] = generator

    def _asyncgen_lost(self, generator: AsyncGenerator[Any, Any]) -> None:
        if not self._closed:
            self.call_soon(self.create_task, generator.aclose())

    async def shutdown_asyncgens(self) -> None:
        for generator in list(self._asyncgens.values()):
            await generator.aclose()

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - as asyncio
        """Let the callbacks of finished tasks run; they end threads that broke the rule."""
        while self._schedule.has_ready():  # noqa: ASYNC110 - there is no event for an empty queue
            await asyncio.sleep(0)

    # Failures of callbacks

    def set_exception_handler(self, handler: ErrorHandler | None) -> None:
        self._exception_handler = handler

    def get_exception_handler(self) -> ErrorHandler | None:
        return self._exception_handler

    def default_exception_handler(self, context: ErrorContext) -> None:
        _log.error("%s at %s s", context.get("message"), self.time(), exc_info=context.get("exception"))

    def call_exception_handler(self, context: ErrorContext) -> None:
        handler = self._exception_handler
        if handler is None:
            self.default_exception_handler(context)
        else:
            handler(self, context)
