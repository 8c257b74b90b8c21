"""Calls that failed in the demo: each kind is told once, as it happens, and in the end how often it was."""

from collections import Counter
from collections.abc import MutableMapping
from typing import Any

import structlog

EVENT = "call_failed"

CHANGES = {"next_try"}
"""What differs between two lines of one failure."""


class FailedCalls:
    """A structlog processor. A log level above `warning` shows it nothing."""

    def __init__(self) -> None:
        self._times = Counter[tuple[tuple[str, Any], ...]]()

    def __call__(self, _logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Raises DropEvent for what was told before."""
        if event["event"] != EVENT:
            return event
        failure = tuple((name, value) for name, value in event.items() if name not in CHANGES | {"event"})
        self._times[failure] += 1
        if self._times[failure] > 1:
            raise structlog.DropEvent
        return event

    @property
    def others(self) -> int:
        """Those that were no refusal for frequency."""
        return sum(times for failure, times in self._times.items() if not dict(failure)["throttled"])

    def tell_repeated(self) -> None:
        for failure, times in self._times.items():
            if times > 1:
                structlog.get_logger().warning("call_failed_again", times=times - 1, **dict(failure))
