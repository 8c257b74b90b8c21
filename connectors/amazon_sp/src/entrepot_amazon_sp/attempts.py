"""The attempts of one call of the client on its own: how often, how long apart, until when.

What follows a failure is the core's one policy, by which daemons go too. This is its loop for a caller who waits.
"""

import asyncio
from datetime import timedelta

from entrepot.channel import ChannelError, TransientError, UnknownOutcome
from entrepot.errors import NothingListens
from entrepot.http import CallGrant
from entrepot.http.breaker import Circuit, is_incident
from entrepot.http.policy import Next, Terms, decide
from entrepot.runtime import Clock, Rng
from entrepot_amazon_sp.catalog import Effect, Operation

PATIENCE = timedelta(seconds=60)
PERIODS = 4
"""Without a deadline an attempt has so long, and a period for a renewed token's turn. Others begin for so long after
the first one, and for so many periods."""


class Attempts:
    """Made for one call, on the running loop. `circuits` are the breakers of the client's operations, by id.

    `ends`: when the caller's deadline is over, in the loop's time; None without one.
    """

    def __init__(
        self,
        operation: Operation,
        deadline: float | None,
        circuits: dict[str, Circuit],
        clock: Clock,
        rng: Rng,
    ) -> None:
        self._operation = operation
        self._circuits = circuits
        self._clock = clock
        self._rng = rng
        self._loop = asyncio.get_running_loop()
        self._terms = Terms(operation.limit.period, repeatable=operation.effect is not Effect.UNKNOWN)
        self._grants: list[CallGrant] = []
        self._running: CallGrant | None = None
        self._earlier: list[ChannelError] = []
        self.ends = None if deadline is None else self._loop.time() + deadline
        self.until = self.ends

    def check(self) -> None:
        """Raises TransientError while the operation rests: a call that waited with the others would come with them."""
        circuit, now = self._circuit, self._clock.now()
        at = circuit.barred_until(now)
        if at is not None:
            raise TransientError(
                f"{self._operation.id} was not sent: it failed {circuit.failures} times in a row. "
                f"Next: call again after {at:%H:%M:%S} UTC"
            )
        self._circuits[self._operation.id] = circuit.tried(now + PATIENCE)

    def begin(self, granted: CallGrant) -> asyncio.Timeout:
        """An attempt may be sent now, and has so much time."""
        self._grants.append(granted)
        self._running = granted
        if self.ends is not None:
            return asyncio.timeout_at(self.ends)
        now, period = self._loop.time(), self._terms.period
        if self.until is None:
            self.until = now + (PATIENCE + PERIODS * period).total_seconds()
        return asyncio.timeout_at(now + (PATIENCE + period).total_seconds())

    def succeeded(self) -> None:
        self._circuits[self._operation.id] = self._circuit.succeeded()

    async def after(self, error: ChannelError) -> None:
        """Wait until the next attempt. Raises the error where there is none."""
        self._running = None
        number = len(self._earlier) + 1
        action = decide(error, number, self._terms, self._rng.random(), left=self._left())
        if is_incident(error, self._circuit, unchanged=False):
            failed = self._circuit.failed(self._clock.now(), action.pause)
            self._circuits[self._operation.id] = failed
        if action.next is not Next.AGAIN or isinstance(error, NothingListens):  # whoever waits can start a simulator
            raise self._told(error)
        self._earlier.append(error)
        await asyncio.sleep(action.pause.total_seconds())

    def cut_off(self, how: str = "did not end before its deadline") -> ChannelError:
        """There is no more time. A write of which something has left may have been applied.

        Else what the attempt before has come to says more than the deadline.
        """
        words = f"{self._operation.id} {how}"
        sent = self._running is not None and self._running.requests > 0
        if sent and self._operation.effect is not Effect.READ:
            return self._told(UnknownOutcome(f"{words}. Next: look whether it was applied before it is sent again"))
        if self._earlier:
            return self._told(self._earlier.pop())
        return self._told(TransientError(f"{words}. Next: call again, or with a longer `deadline`"))

    @property
    def _circuit(self) -> Circuit:
        return self._circuits.get(self._operation.id, Circuit())

    def _left(self) -> timedelta | None:
        return None if self.until is None else timedelta(seconds=max(0.0, self.until - self._loop.time()))

    def _told(self, error: ChannelError) -> ChannelError:
        """With the ids of the requests of all attempts, and what the earlier ones came to."""
        error.request_ids = tuple(id_ for granted in self._grants for id_ in granted.request_ids)
        for number, earlier in enumerate(self._earlier, 1):
            error.add_note(f"attempt {number}: {earlier}")
        return error
