"""Buckets that all clients of this process share which call one endpoint for one application, on one event loop.

Amazon counts by seller and application, and not by client: two with buckets of their own would spend twice as much.
"""

import asyncio

from attrs import frozen

from entrepot.channel import Limit
from entrepot.quota import MemoryQuota
from entrepot.runtime import Clock


@frozen
class Endpoint:
    """`simulator` is the address of one, None for Amazon itself."""

    client_id: str
    host: str
    simulator: str | None
    sandbox: bool


@frozen
class Buckets:
    """`limits`: what is published of each operation that was called."""

    quota: MemoryQuota
    limits: dict[str, Limit]


_KEPT: dict[asyncio.AbstractEventLoop, dict[tuple[Endpoint, int], Buckets]] = {}
"""By loop, endpoint and clock, for two clocks may tell two times. They stay as long as the loop, and not the client:
Amazon does not forget when a client is closed."""


def buckets_of(endpoint: Endpoint, clock: Clock) -> Buckets:
    """Those of the running loop."""
    loop, key = asyncio.get_running_loop(), (endpoint, id(clock))  # its quota keeps the clock: no other has its id
    kept = _KEPT.get(loop, {})
    if key not in kept:
        _drop_closed()
        _KEPT[loop] = kept = kept | {key: _full(endpoint, clock)}
    return kept[key]


def _full(endpoint: Endpoint, clock: Clock) -> Buckets:
    limits: dict[str, Limit] = {}
    return Buckets(MemoryQuota(limits, clock, learns=not endpoint.sandbox), limits)


def _drop_closed() -> None:
    for loop in list(_KEPT):  # a copy: another thread may have a loop as well
        if loop.is_closed():
            _KEPT.pop(loop, None)
