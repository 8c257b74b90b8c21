"""P6 in virtual time: no request of ours is refused, and nearly all of what is allowed is used.

The server has an exact bucket by its own clock; each way takes 20 to 400 ms, so requests overtake each other. Run with
`-rP` to see the figures.
"""

import json
import random
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.channel import Limit
from entrepot.quota import usable_burst
from entrepot.simulation import run as in_virtual_time
from tests.quota.judge import Server, overrun
from tests.quota.senders import Run, among_crashes, stores, through_memory, through_stores

SEARCH_ORDERS = Limit(0.0056, 20)
GET_ORDER_ITEMS = Limit(0.5, 30)
WORKERS = [1, 2, 4, 8]


def plans():
    """Every distinct plan of Amazon's catalog."""
    operations = json.loads(files("entrepot_amazon_sp").joinpath("data/catalog.json").read_bytes())["operations"]
    return sorted({(entry["rate"], entry["burst"]) for entry in operations.values()})


def measure(limit, calls, workers, path=None):
    """A run through the store at `path`, or through memory."""
    seed = workers * 1000 + calls
    ran = Run(Server(limit.per_second, limit.burst), random.Random(seed), calls)

    async def main(loop):
        if path is None:
            await through_memory(loop, ran, limit, workers)
        else:
            with stores(path, workers) as opened:
                await through_stores(loop, ran, limit, opened)

    in_virtual_time(main, seed)
    return ran


def used_share(ran, limit):
    """Of what the bucket gave from the first request to the last, the part that was used.

    The part of the burst that is kept back is not asked for: it is lost once, and not again while a run lasts.
    """
    first = usable_burst(limit) if limit.burst > 1 else 1
    seconds = max(ran.sent) - min(ran.sent)
    return (len(ran.sent) - first) / (limit.per_second * seconds)


def least_share(ran, limit):
    """DESIGN: 98 % with a burst; without one, a round trip is lost with each request."""
    if limit.burst > 1:
        return 0.98
    mean = sum(ran.round_trips) / len(ran.round_trips)
    return 1 / (1 + limit.per_second * mean) - 0.02


def prove(limit, calls, tmp_path):
    for workers in WORKERS:
        for place in ("store", "memory"):
            path = tmp_path / f"{limit.per_second}-{limit.burst}-{workers}.db" if place == "store" else None
            ran = measure(limit, calls, workers, path)
            share, least = used_share(ran, limit), least_share(ran, limit)
            print(  # noqa: T201 - the figures of the proof
                f"{limit.per_second:>7g}/s burst {limit.burst:<3} {place:<6} {workers} workers: {len(ran.sent)} sent, "
                f"{len(ran.server.refused)} refused, {share:.2%} used (at least {least:.2%}), {ran.waits} waits"
            )
            assert ran.server.refused == []
            assert share >= least
            assert overrun(ran.sent, limit.per_second, limit.burst) <= 1e-6


@pytest.mark.parametrize(
    ("limit", "calls"), [(SEARCH_ORDERS, 40), (GET_ORDER_ITEMS, 3000)], ids=["4000-orders", "3000-items"]
)
def test_a_days_orders_are_fetched_without_a_429(tmp_path, limit, calls):
    """Covers R1, R9, P6: 4,000 orders in pages of 100, and the items of 3,000 one by one."""
    prove(limit, calls, tmp_path)


@pytest.mark.parametrize("plan", plans(), ids=str)
def test_no_plan_of_the_catalog_makes_a_429(tmp_path, plan):
    """Covers R1, P6."""
    limit = Limit(*plan)
    prove(limit, usable_burst(limit) + 40, tmp_path)


def test_the_judge_catches_a_sender_that_is_one_request_too_fast():
    sent = [0.0] * 5 + [2.0]
    assert overrun(sent, 0.5, 5) <= 0
    assert overrun([*sent, 2.0], 0.5, 5) == pytest.approx(1)
    server = Server(0.5, 5)
    assert [server.arrive(seconds) for seconds in [*sent, 2.0]] == [True] * 6 + [False]


@st.composite
def limits(draw):
    rate = draw(st.sampled_from([0.0167, 0.1, 0.5, 1.0, 2.0, 5.0]))
    return Limit(rate, draw(st.sampled_from([1, 2, 6, 20]) if rate < 5 else st.sampled_from([1, 5, 20])))


@settings(max_examples=25)
@given(limits(), st.integers(1, 4), st.floats(0, 0.5), st.integers(0, 2**32))
def test_no_window_holds_more_than_the_plan_whoever_dies_when(tmp_path_factory, limit, workers, risk, seed):
    """Covers R1, R9, P6: daemons die between reserving and sending, or with a request on its way, and come back."""
    rng = random.Random(seed)
    ran = Run(Server(limit.per_second, limit.burst), rng, calls=limit.burst + 25)

    async def main(loop):
        with stores(tmp_path_factory.mktemp("store") / "quota.db", workers) as opened:
            await among_crashes(loop, ran, limit, opened, risk)

    in_virtual_time(main, seed)
    assert ran.server.refused == []
    assert overrun(ran.sent, limit.per_second, limit.burst) <= 1e-6
    assert overrun(ran.server.arrivals, limit.per_second, limit.burst) <= 1e-6
