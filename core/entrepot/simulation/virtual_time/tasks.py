"""Futures and tasks that hash by number, and where a task waits."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

UNWINDINGS = 100
"""Nested `finally` blocks with an `await` in them that a dropped task may have."""


class SimFuture(asyncio.Future[T]):
    """A future whose hash is its number, so that sets of futures iterate in the same order in every process."""

    def __init__(self, number: int, *, loop: asyncio.AbstractEventLoop) -> None:
        self._number = number
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._number


class SimTask(asyncio.Task[T]):
    """A task whose hash is its number.

    `asyncio.TaskGroup` and `asyncio.wait` keep sets of tasks; by memory address, the order of cancellation would differ
    from process to process.
    """

    def __init__(
        self,
        coro: Coroutine[Any, Any, T],
        number: int,
        *,
        loop: asyncio.AbstractEventLoop,
        name: str,
        context: Context,
        tag: str | None,
    ) -> None:
        self._number = number  # before asyncio registers the task in a set
        self.tag = tag
        self._own_context = context
        super().__init__(coro, loop=loop, name=name, context=context)

    def __hash__(self) -> int:
        return self._number

    def drop(self) -> None:
        """End the task without a step of the loop: unwind its coroutine here and now, then count it as cancelled.

        An `await` inside a `finally` ends that `finally`. What the unwinding raises is lost with the process. Raises
        RuntimeError for a coroutine that swallows every attempt; it never runs again all the same.
        """
        asyncio.Future.cancel(self)
        for _ in range(UNWINDINGS):
            if _frame(self.get_coro()) is None:
                return
            self._unwind()
        raise RuntimeError(f"{self.get_name()} swallows GeneratorExit at {where(self)}: let it pass")

    def _unwind(self) -> None:
        try:
            self._own_context.run(self.get_coro().close)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001, S110 - Crashed from its ports, or "ignored GeneratorExit" from an await
            pass


def where(task: asyncio.Task[Any]) -> str:
    """The chain of awaits from the task's coroutine down to what it waits for."""
    frames = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        if (frame := _frame(awaited)) is not None:
            frames.append(f"{frame.f_code.co_qualname} ({Path(frame.f_code.co_filename).name}:{frame.f_lineno})")
        awaited = next((found for name in _AWAITS if (found := getattr(awaited, name, None)) is not None), None)
    return " > ".join(frames) or "not started"


def describe(tasks: set[asyncio.Task[Any]]) -> str:
    """One line for each pending task, in the order of their creation."""
    lines = [f"\n  {task.get_name()} waits at {where(task)}" for task in sorted(tasks, key=hash)]
    return "".join(lines) or "\n  no pending task"


_AWAITS = ("cr_await", "ag_await", "gi_yieldfrom")


def _frame(awaited: Any) -> Any:
    return next(
        (frame for name in ("cr_frame", "ag_frame", "gi_frame") if (frame := getattr(awaited, name, None))), None
    )
