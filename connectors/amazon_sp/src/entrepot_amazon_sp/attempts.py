"""The attempts of one call of the client on its own: how often, how long apart, until when.

What follows a failure is the core's one policy, by which daemons go too. This is its loop for a caller who waits.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from entrepot.channel import ChannelError, RateLimited, TransientError, UnknownOutcome
from entrepot.errors import NothingListens
from entrepot.http import CallGrant
from entrepot.http.breaker import Circuit, is_incident
from entrepot.http.policy import Next, Terms, decide
from entrepot.quota import Turn
from entrepot.runtime import Clock, Rng
from entrepot_amazon_sp.advice import advise, parted
from entrepot_amazon_sp.catalog import Effect, Operation
from entrepot_amazon_sp.lifetime import ClientClosedError

PATIENCE = timedelta(seconds=60)
PERIODS = 4
"""Without a deadline an attempt has so long, and a period for a renewed token's turn. Others begin for so long after
the first one, and for so many periods."""

UNTOLD = timedelta(seconds=1)
"""A wait that is no longer is not logged."""

log = logging.getLogger("entrepot_amazon_sp")


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
        self._begun, self._least = self._loop.time(), 0.0
        self.ends = None if deadline is None else self._loop.time() + deadline
        self.until = self.ends

    def check(self) -> None:
        """Raises TransientError while the operation rests: a call that waited with the others would come with them."""
        circuit, now = self._circuit, self._clock.now()
        at = circuit.barred_until(now)
        if at is not None:
            resting = TransientError(
                f"{self._operation.id} was not sent: it failed {circuit.failures} times in a row. "
                f"Next: call again after {_shown(at)}"
            )
            resting.retry_at = at
            raise resting
        self._circuits[self._operation.id] = circuit.tried(now + PATIENCE)

    def await_turn(self, turn: Turn) -> None:
        """Before the wait for quota. Raises where it would end too late: RateLimited, or the attempt's error before."""
        if not self.in_time(turn):
            raise self._too_late(turn)

    def in_time(self, turn: Turn) -> bool:
        if self._is_late(turn.wait):
            return False
        if turn.wait > UNTOLD:
            log.info("%s waits for its quota, at least until %s", self._operation.id, _shown(self._after(turn.wait)))
        return True

    def begin(self, granted: CallGrant) -> asyncio.Timeout:
        """An attempt may be sent now, and has so much time."""
        self._grants.append(granted)
        self._running, self._begun = granted, self._loop.time()
        if self.ends is not None:
            return asyncio.timeout_at(self.ends)
        now, period = self._loop.time(), self._terms.period
        if self.until is None:
            self.until = now + (PATIENCE + PERIODS * period).total_seconds()
        return asyncio.timeout_at(now + (PATIENCE + period).total_seconds())

    def succeeded(self) -> None:
        self._circuits[self._operation.id] = self._circuit.succeeded()

    async def after(self, error: ChannelError, turn: Turn) -> None:
        """Wait until the next attempt, which `turn` holds up too. Raises the error where there is none."""
        self._running = None
        if isinstance(error, RateLimited) and self._operation.effect is not Effect.READ:
            self._least = self._loop.time() - self._begun
        number = len(self._earlier) + 1
        action = decide(error, number, self._terms, self._rng.random())
        if is_incident(error, self._circuit, unchanged=False):
            self._circuits[self._operation.id] = self._circuit.failed(self._clock.now(), action.pause)
        wait = max(action.pause, turn.wait)
        failed = f"{self._operation.id}: attempt {number} failed: {parted(str(error))[0]}"
        if action.next is not Next.AGAIN or isinstance(error, NothingListens):  # whoever waits can start a simulator
            log.info("%s", failed)
            raise self._told(error)
        if self._is_late(wait):
            log.info("%s", failed)
            raise self._put_off(error, self._after(wait))
        log.warning("%s. It is tried again at %s", failed, _shown(self._after(wait)))
        self._earlier.append(error)
        await asyncio.sleep(action.pause.total_seconds())

    def cut_off(self, turn: Turn) -> ChannelError:
        """The deadline is over. A write of which something has left may have been applied.

        Else what the attempt before has come to says more than the deadline.
        """
        if self._running is None:
            return self._too_late(turn)
        words = f"{self._operation.id} did not end before its deadline"
        if self._may_be_applied:
            return self._told(UnknownOutcome(words))
        if self._earlier:
            return self._told(self._earlier.pop(), why="The attempt after it did not end before the deadline")
        return self._told(TransientError(f"{words}. Next: call again, or with a longer `deadline`"))

    def closed(self, error: ClientClosedError) -> Exception:
        """`error` ends the call; of a write of which something has left, nobody knows the outcome."""
        if not self._may_be_applied:
            return error
        return self._told(UnknownOutcome(f"{self._operation.id} was cut off, for the client was closed"))

    @property
    def _may_be_applied(self) -> bool:
        sent = self._running is not None and self._running.requests > 0
        return sent and self._operation.effect is not Effect.READ

    def _too_late(self, turn: Turn) -> ChannelError:
        """For want of quota there is no attempt, or no other one."""
        at = self._after(turn.wait)
        if self._earlier:
            return self._put_off(self._earlier.pop(), at)
        rate = f"{turn.per_second:g} per second, one in {1 / turn.per_second:.3g} s"
        error = RateLimited(
            f"nothing of {self._operation.id} was sent: this client keeps to its quota ({rate}), and its turn would be "
            f"at {_shown(at)}, after the deadline. Next: call again then, or with a longer `deadline`",
            retry_after=turn.wait,
        )
        error.retry_at = at
        return error

    def _put_off(self, error: ChannelError, at: datetime) -> ChannelError:
        """It may be repeated, but not before `at`."""
        error.retry_at = at
        end, longer = "the deadline", ", or with a longer `deadline`"
        if self.ends is None:
            end, longer = "the time in which a call is repeated", ""
        why = f"It is not repeated: the next try would be at {_shown(at)}, after {end}"
        return self._told(error, why, f"call again then{longer}")

    @property
    def _circuit(self) -> Circuit:
        return self._circuits.get(self._operation.id, Circuit())

    def _is_late(self, wait: timedelta) -> bool:
        """Where a write was refused, it had no effect; the next attempt, cut off at the deadline, may have one.

        So that one is not begun with less time than the refusal took.
        """
        return self.until is not None and self._loop.time() + wait.total_seconds() + self._least > self.until

    def _after(self, wait: timedelta) -> datetime:
        return self._clock.now() + wait

    def _told(self, error: ChannelError, why: str = "", first: str = "") -> ChannelError:
        """With the ids of the requests of all attempts, what the earlier ones came to, and what is to be done."""
        advise(error, self._operation, why, first)
        granted = [id_ for each in self._grants for id_ in each.request_ids]
        for_tokens = [id_ for each in (*self._earlier, error) for id_ in each.request_ids]
        error.request_ids = tuple(dict.fromkeys(granted + for_tokens))
        for number, earlier in enumerate(self._earlier, 1):
            error.add_note(f"attempt {number}: {earlier}")
        return error


def _shown(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"
