"""A simulator in a process of its own, with faults."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from entrepot.channel import SimulatorConfig
from entrepot.runtime import SystemClock, system_rng
from entrepot.simulation.doubles import serving
from entrepot.simulation.doubles.fault_script import FaultScript, SkewedClock
from entrepot_mock_channel import MOCK
from tests.cli import served


@pytest.fixture
def port():
    """The same faults over real connections, for a client that is used twice."""
    opened = []

    def serve(text):
        script = FaultScript.read(text)
        clock = SkewedClock(SystemClock(), script.ahead)
        shop = MOCK.simulator(SimulatorConfig("shop", (), None, {"TEA": 9}), clock, system_rng())
        simulator = serving.Served(shop, clock, script)
        simulator.begin_faults(shop)
        opened.append(served.Served(simulator, date_header=False))
        return httpx.Client(base_url=opened[-1].url), shop

    yield serve
    for each in opened:
        each.close()


@pytest.mark.parametrize("fault", ["half_answer", "dropped_answer"])
def test_a_connection_ends_in_the_middle_and_the_next_one_is_well(port, fault):
    client, shop = port(f"{fault}=1x")
    with client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.put("/v1/stock", json={"TEA": 3})
        assert shop.stock["TEA"] == 3
        assert client.put("/v1/stock", json={"TEA": 4}).json() == {"refused": {}}


def test_the_date_is_that_of_the_simulators_clock(port):
    client, _ = port("clock=-10m")
    with client:
        dates = client.get("/v1/stock", params={"sku": "TEA"}).headers.get_list("date")
    assert len(dates) == 1
    assert SystemClock().now() - parsedate_to_datetime(dates[0]) > timedelta(minutes=9)


def test_the_faults_that_struck_are_told(port):
    client, _ = port("error_before=2x")
    with client:
        statuses = [client.get("/v1/stock", params={"sku": "TEA"}).status_code for _ in range(3)]
        assert (statuses, client.get("/_simulator/faults").json()) == ([500, 500, 200], {"error_before": 2})
