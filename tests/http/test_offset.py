from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from entrepot.channel import Json
from entrepot.http import grant
from entrepot.simulation import VirtualClock, run
from tests.http.doubles import ACME, URL, Network, account_http


def measured(ahead, latency=0.2, dates=None):
    """The offset after one answer of a server whose clock is `ahead` seconds ahead of ours."""

    async def main(loop):
        server = VirtualClock(loop, skew=timedelta(seconds=ahead))

        def answer(request):
            date = format_datetime(server.now().replace(microsecond=0), usegmt=True)
            return httpx.Response(200, json={}, headers={"date": date if dates is None else dates})

        http = account_http(loop, Network(answer, latency))
        assert http.offset is None
        with grant("fetch_stock", ACME.operations["fetch_stock"]):
            await http(URL).get("/v1", into=Json)
        await http.aclose()
        return http.offset

    return run(main, 1)


@pytest.mark.parametrize("ahead", [0, 0.9, -0.9, 1.2, -1.2])
def test_less_than_the_measurement_can_tell_counts_as_none(ahead):
    assert measured(ahead) == timedelta(0)


@pytest.mark.parametrize("ahead", [30, -45, 600, -3600.5])
def test_a_skew_is_measured_to_the_second(ahead):
    assert measured(ahead).total_seconds() == pytest.approx(ahead, abs=0.75)


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Nov 2026 00:00:00 GMT"])
def test_without_a_date_nothing_is_measured(date):
    assert measured(0, dates=date) is None


def test_a_slow_answer_measures_nothing():
    """Found by hostile seed 47: a minute lost on the way back looked like a clock half a minute ahead (P3)."""
    assert measured(0, latency=60) is None
