"""How long to wait: after failures, between looks, while parked. Pure, and divided by an account's time scale."""

from datetime import timedelta

from attrs import frozen

from entrepot.runtime import Rng

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
FIRST_CHECK = timedelta(minutes=5)
LONGEST_CHECK = timedelta(hours=1)
FAILING_AFTER = 3
LONGEST_CALL = timedelta(seconds=30)
SHORTEST_CALL = timedelta(seconds=3)
"""Even where an account's time runs faster, the network's does not."""
LEASE_MARGIN = timedelta(seconds=15)
SHORTEST_MARGIN = timedelta(seconds=2)
"""Nor do disks: behind the call the commit must fit into the lease."""


@frozen
class Pace:
    """Durations of one account. `time_scale` is 1 but for simulators."""

    time_scale: int
    freshness: timedelta

    @property
    def deadline(self) -> timedelta:
        """How long a call may take, all in all."""
        return max(SHORTEST_CALL, self.scaled(LONGEST_CALL))

    @property
    def lease(self) -> timedelta:
        """For how long a stream is claimed: one call, and the commit of what it brought."""
        return self.deadline + max(SHORTEST_MARGIN, self.scaled(LEASE_MARGIN))

    def scaled(self, duration: timedelta) -> timedelta:
        return duration / self.time_scale

    def after_failure(self, failures: int, period: timedelta, rng: Rng) -> timedelta:
        """Doubling from the larger of two seconds and twice the operation's own period, half of it drawn by lot.

        Derived from the period, for a wait shorter than it can only fail again.
        """
        shortest = max(FIRST_PAUSE, 2 * period)
        pause = min(max(LONGEST_PAUSE, shortest), shortest * 2 ** min(failures - 1, 12))
        return self.scaled(pause) * rng.uniform(0.5, 1.0)

    def after_refusal(self, failures: int) -> timedelta:
        """Between two checks of a parked account: five minutes doubling to an hour."""
        return self.scaled(min(LONGEST_CHECK, FIRST_CHECK * 2 ** min(failures - 1, 6)))
