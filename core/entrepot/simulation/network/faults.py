"""What can go wrong between a client and a server, and plans of when it does."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from entrepot.runtime import Rng


class NetworkFault(StrEnum):
    """Sorted by how far the request came. What the client gets stands behind each."""

    POOL_TIMEOUT = "pool_timeout"  # PoolTimeout
    CONNECT_REFUSED = "connect_refused"  # ConnectError
    CONNECT_TIMEOUT = "connect_timeout"  # ConnectTimeout
    WRITE_TIMEOUT = "write_timeout"  # WriteTimeout; the server never had the whole request
    RESET_BEFORE_EFFECT = "reset_before_effect"  # ReadError
    LOST_BEFORE_EFFECT = "lost_before_effect"  # ReadTimeout
    HTML_503 = "html_503"  # a gateway's page instead of the server's answer
    LATE_EFFECT = "late_effect"  # ReadTimeout, and the server acts after that
    SLOW_ANSWER = "slow_answer"  # the answer, or ReadTimeout if the client is less patient
    HTML_504 = "html_504"  # a gateway's page, though the server acted
    DROPPED_AFTER_EFFECT = "dropped_after_effect"  # RemoteProtocolError
    LOST_AFTER_EFFECT = "lost_after_effect"  # ReadTimeout
    HALF_BODY = "half_body"  # RemoteProtocolError in the midst of the body


@frozen
class RequestLine:
    """A request as a fault plan sees it. `number` counts all requests of the world from 1."""

    method: str
    host: str
    path: str
    number: int


class FaultPlan(Protocol):
    """Decides once for each request."""

    def next_fault(self, request: RequestLine) -> NetworkFault | None: ...


class NoFaults:
    def next_fault(self, request: RequestLine) -> NetworkFault | None:  # noqa: ARG002 - the port's signature
        return None


class ScriptedFaults:
    """The given faults for the first requests in turn, None for a request without; nothing after the last."""

    def __init__(self, faults: Iterable[NetworkFault | None]) -> None:
        self._faults = iter(tuple(faults))

    def next_fault(self, request: RequestLine) -> NetworkFault | None:  # noqa: ARG002 - the port's signature
        return next(self._faults, None)


class SeededFaults:
    """Each fault with its probability (their sum is at most 1), for the requests that `concerns` picks."""

    def __init__(
        self,
        rng: Rng,
        chances: Mapping[NetworkFault, float],
        concerns: Callable[[RequestLine], bool] = lambda _request: True,
    ) -> None:
        self._rng = rng
        self._chances = chances
        self._concerns = concerns

    def next_fault(self, request: RequestLine) -> NetworkFault | None:
        if not self._concerns(request):
            return None
        drawn = self._rng.random()
        for fault, chance in self._chances.items():
            if drawn < chance:
                return fault
            drawn -= chance
        return None
