"""A simulator in a process of its own, with faults."""

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
import structlog

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


def test_requests_are_told_with_what_struck_them(port):
    client, _ = port("error_before:stock=1x,dropped_answer:stock=1x")
    with client:
        client.get("/v1/stock", params={"sku": "TEA"})
        with pytest.raises(httpx.RemoteProtocolError):
            client.put("/v1/stock", json={"TEA": 3})
        client.get("/v1/nothing")
        told = client.get("/_simulator/requests").json()
    kept = [(each["method"], each["operation"], each["status"], each["faults"]) for each in told]
    assert kept == [
        ("GET", "stock", 500, ["error_before"]),
        ("PUT", "stock", 200, ["dropped_answer"]),
        ("GET", "", 404, []),
    ]


def test_a_fault_that_strikes_is_one_line_of_the_log(port):
    with structlog.testing.capture_logs() as lines:
        client, _ = port("error_before:stock=1x")
        with client:
            client.get("/v1/stock", params={"sku": "TEA"})
            client.get("/v1/stock", params={"sku": "TEA"})
    told = [line for line in lines if line["event"] == "fault_struck"]
    assert [(line["fault"], line["concerned"]) for line in told] == [("error_before", "stock")]


@pytest.mark.parametrize(("path", "status"), [("", 200), ("stock", 200), ("stock/amazon", 404), ("nothing", 404)])
def test_the_truth_has_an_index(port, path, status):
    client, _ = port("")
    with client:
        index = client.get("/_simulator").json()
        assert client.get(f"/_simulator/{path}").status_code == status
    assert {"/_simulator/truth", "/_simulator/stock", "/_simulator/requests"} <= set(index["paths"])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_truth_can_only_be_read(port, method):
    client, _ = port("")
    with client:
        answer = client.request(method, "/_simulator/stock")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_planned_break_does_not_look_like_a_crash(caplog):
    script = FaultScript.read("half_answer=1x")
    shop = MOCK.simulator(SimulatorConfig("shop", (), None, {"TEA": 9}), SystemClock(), system_rng())
    app = serving.Served(shop, SystemClock(), script)
    app.begin_faults(shop)

    async def ask_once(listener, done):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/v1/stock", params={"sku": "TEA"})
        done.append(True)
        signal.raise_signal(signal.SIGINT)

    done, listener = [], serving.listen(0)
    with listener, suppress(KeyboardInterrupt):
        asyncio.run(serving.serve(app, listener, lambda: ask_once(listener, done)))
    assert done
    assert "without completing" not in caplog.text
