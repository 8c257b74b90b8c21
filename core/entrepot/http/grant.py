"""What the core reserved for the running operation, and what the operation made of it.

The grant travels in a context variable: a connector cannot forget it, and the tasks that it starts inherit it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

from attrs import define, field

from entrepot.channel import Facts
from entrepot.errors import EntrepotError
from entrepot.quota.observed import Observed


class UnreservedRequest(EntrepotError):  # noqa: N818 - names what happened
    """A connector made a request that its declared facts do not cover: a mistake in the plugin."""


OneMore: TypeAlias = Callable[[str], Awaitable[bool]]
"""Reserves one more unit of a limit; False where there is none now."""


async def no_limit(_: str) -> bool:
    """Where nobody else spends, and nobody counts."""
    return True


@define
class CallGrant:
    """What may be sent and what was sent.

    `remaining` units per limit; `one_more` reserves another one (for a repeat after a token's renewal), and `extra`
    counts those. `requests` counts what was handed to the network, `gets` those among them that only read; an operation
    that `writes` and was cut off with one or more has an unknown outcome. `observed`: what answers said of the limits.
    """

    operation: str
    writes: bool
    remaining: dict[str, int]
    one_more: OneMore = no_limit
    extra: Counter[str] = field(factory=Counter)
    requests: int = 0
    gets: int = 0
    observed: list[Observed] = field(factory=list)
    request_ids: list[str] = field(factory=list)

    def take(self, spend: str) -> str:
        """Use one reserved unit and name its limit, which is implied where there is one. Raises UnreservedRequest."""
        limit = spend or self._only_limit()
        if limit not in self.remaining:
            raise UnreservedRequest(
                f"{self.operation} made a request that spends from {limit!r}, but declares only "
                f"{sorted(self.remaining)}. Next: add {limit!r} to the operation's `spends`"
            )
        if self.remaining[limit] < 1:
            raise UnreservedRequest(
                f"{self.operation} made more requests from {limit!r} than it declares. "
                f"Next: raise {limit!r} in the operation's `spends`, or make fewer requests"
            )
        self.remaining[limit] -= 1
        return limit

    async def take_more(self, limit: str) -> bool:
        """Use one unit beyond those that were reserved. False where there is none now."""
        if not await self.one_more(limit):
            return False
        self.extra[limit] += 1
        return True

    def _only_limit(self) -> str:
        if len(self.remaining) == 1:
            return next(iter(self.remaining))
        if not self.remaining:
            raise UnreservedRequest(
                f"{self.operation} made a request, but declares none. Next: name the limit in the operation's `spends`"
            )
        raise UnreservedRequest(
            f"{self.operation} spends from {sorted(self.remaining)} and did not say from which. "
            f"Next: pass spend=... with the request"
        )


running_call: ContextVar[CallGrant | None] = ContextVar("running_call", default=None)


@contextmanager
def grant(operation: str, facts: Facts | None, one_more: OneMore = no_limit) -> Iterator[CallGrant]:
    """Let `operation` make the requests of its facts inside; without facts it may make none."""
    writes = facts is not None and facts.writes
    call = CallGrant(operation, writes, dict(facts.spends if facts else {}), one_more)
    token = running_call.set(call)
    try:
        yield call
    finally:
        running_call.reset(token)


def running() -> CallGrant:
    """The grant of the running operation. Raises UnreservedRequest outside of one."""
    call = running_call.get()
    if call is None:
        raise UnreservedRequest(
            "a request was made outside of an operation, so nothing was reserved for it. "
            "Next: make it inside an operation; `connect` only constructs"
        )
    return call
