"""How long things take: a call, a lease, a wait. Pure, and divided by an account's time scale."""

from datetime import timedelta

from attrs import frozen

from entrepot.http.policy import WAITS, Waits

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

    @property
    def waits(self) -> Waits:
        return WAITS.divided(self.time_scale)
