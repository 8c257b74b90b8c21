"""What a refusal for frequency does to its stream."""

import random
from datetime import timedelta
from types import SimpleNamespace

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Limit
from entrepot.errors import RateLimited
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.failing import after_failure
from entrepot.sync.pace import Pace
from entrepot.sync.runtime import Outcome
from entrepot_mock_channel import MOCK
from tests.store.values import NOON, SHOP

STREAM = StreamRow(1, SHOP, StreamKind.ORDERS, 1, NOON, cursor="page 2", failures=0)


def outcome(period, scale):
    channel = evolve(MOCK, limits={**MOCK.limits, "orders": Limit(per_second=1 / period, burst=1)})
    runtime = SimpleNamespace(id=SHOP, channel=channel, pace=Pace(scale, timedelta(minutes=20)))
    return Outcome(None, runtime, None, STREAM, NOON)


@given(st.integers(1, 600), st.none() | st.integers(1, 900), st.sampled_from([1, 200]), st.integers())
def test_a_429_waits_for_a_token_and_fails_nothing(period, told, scale, seed):
    """Covers R12, P6: `searchOrders` gives one token in 179 s, and a wait shorter than that can only fail again."""
    error = RateLimited("too many", retry_after=None if told is None else timedelta(seconds=told))
    waiting = after_failure(outcome(period, scale), "fetch_orders", error, random.Random(seed))
    assert waiting == evolve(STREAM, next_due=waiting.next_due)
    wait = (waiting.next_due - NOON).total_seconds()
    assert max(period / scale, told or 0) <= wait + 1e-6 <= max(1.5 * period / scale, told or 0) + 2e-6
