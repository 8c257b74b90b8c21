"""Usage plans: how often an operation may be called. From the tables in Amazon's models.

In production each pair of an application and a seller has a plan of its own for each operation, in the sandbox there is
one plan for all of them.
"""

from collections.abc import Iterable
from datetime import datetime

from entrepot.channel import Limit
from entrepot.simulation import UNMETERED, Call
from entrepot_amazon_sp.catalog import find
from entrepot_amazon_sp.plans import PLANS
from entrepot_amazon_sp.simulator import hosts
from entrepot_amazon_sp.simulator.shared_buckets import SharedBuckets

RATE_IS_TOLD = {200, 201, 202, 204, 400, 404}

DIGITS = 10
"""Of a rate that is told: a product of floats has more of them than it means."""

SANDBOX, SANDBOX_PLAN = "{} in the sandbox", Limit(per_second=5.0, burst=15)


class UsagePlans:
    """One seller's. `by_bucket` has the names that `bucket` gives, and rates at `time_scale` 1."""

    def __init__(self, operations: Iterable[str], shared: SharedBuckets, time_scale: int) -> None:
        plans = {name: PLANS.get(name) or find(name).limit for name in operations}
        self.by_bucket = plans | dict.fromkeys(map(SANDBOX.format, plans), SANDBOX_PLAN)
        self._shared = shared
        self._time_scale = time_scale

    def bucket(self, call: Call) -> str:
        return SANDBOX.format(call.limit) if hosts.is_sandbox(call) else call.limit

    def told(self, call: Call, status: int) -> dict[str, str]:
        """The header with the rate of the pair: never how much is left nor when to come again."""
        if call.limit == UNMETERED or status not in RATE_IS_TOLD:
            return {}
        rate = float(self.by_bucket[self.bucket(call)].per_second) * self._time_scale
        return {"x-amzn-RateLimit-Limit": str(round(rate, DIGITS))}

    def spend_shared(self, call: Call, now: datetime) -> None:
        """What the application pays for any of its sellers. Raises AmazonRefusal."""
        self._shared.spend(call.limit, self.by_bucket[self.bucket(call)].application, call.body, now)
