"""`/healthz` and `/metrics` without a server, and which daemons `status` shows."""

import json
import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from attrs import evolve
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from entrepot.cli.context import Home
from entrepot.cli.monitor import server
from entrepot.cli.monitor.health import Monitored
from entrepot.cli.monitor.metrics import exposition
from entrepot.config.model import Address
from entrepot.model import AccountId, Event, EventName, ProblemKind
from entrepot.store.records import BucketRow, DaemonRow, ParkedDelivery, StreamKind
from entrepot.sync.blocking import Doer
from entrepot.sync.schema_drift import SchemaDrift
from entrepot.sync.watchdog import Kept
from entrepot_mock_channel import MOCK
from tests.cli.shop import NOW, SHOP, before, morning

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "monitor.md"
KEPT = Kept(Doer("erp.order_changed", None, "order_changed"), timedelta(seconds=1), "erp:88 (post)")


@pytest.fixture
def monitored(folder, fill):
    """A daemon that is well, on a morning's trade."""
    fill(morning)
    drift = SchemaDrift(AccountId(SHOP), MOCK)
    worker = SimpleNamespace(name="here:1", accounts={SHOP: SimpleNamespace(reader=SimpleNamespace(drift=drift))})
    daemon = SimpleNamespace(worker=worker, draining=False, refusal=None)
    watchdog = SimpleNamespace(kept=None, lag=timedelta(milliseconds=20), times=3)
    return Monitored(Home(folder / "plugins.toml"), daemon, watchdog)


def samples(monitored):
    families = text_string_to_metric_families(exposition(monitored).decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def health(monitored):
    status, _, body = server._healthz(monitored)
    return int(status), [reason["code"] for reason in json.loads(body)["reasons"]]


def test_a_daemon_that_works_is_well(monitored):
    assert health(monitored) == (200, [])
    assert samples(monitored)["entrepot_healthy",] == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_a_server_answers(host):
    """Covers P9: a defect of ours shows nothing of itself but in the log."""
    answers = {"/fine": lambda: (200, "text/plain", b"fine"), "/broken": lambda: 1 / 0}
    with server._Server(Address(host, 0), answers) as made, ThreadPoolExecutor(1) as pool:
        port = made.server_address[1]

        def ask(path, method="GET"):
            asked = pool.submit(made.handle_request)
            answer = httpx.request(
                method, f"http://{f'[{host}]' if ':' in host else host}:{port}{path}", trust_env=False
            )
            asked.result()
            return answer.status_code, answer.text

        assert ask("/fine") == (200, "fine")
        assert ask("/orders") == (404, '{"known":["/fine","/broken"]}')
        assert ask("/fine", "POST")[0] == 501
        with capture_logs() as logs:
            assert ask("/broken") == (500, '{"reason":"a defect; the log has it"}')
        assert [entry["event"] for entry in logs] == ["monitor_failed"]


def test_why_it_is_not_well(monitored, folder):
    """Covers P8, P11: everything at once, in the JSON of a 503."""
    monitored.watchdog.kept, monitored.daemon.draining, monitored.daemon.refusal = (
        KEPT,
        True,
        "full. Next: free some space",
    )
    assert health(monitored) == (503, ["loop_blocked", "store_refused", "draining"])
    told = json.loads(server._healthz(monitored)[2])["reasons"]
    assert told[0]["message"].startswith("the plugin erp.order_changed keeps the event loop, at erp:88 (post)")
    assert told[1]["message"] == "full. Next: free some space"
    monitored.watchdog.kept, monitored.daemon.draining, monitored.daemon.refusal = evolve(KEPT, doer=None), False, None
    assert health(monitored) == (503, ["loop_blocked"])
    monitored.watchdog.kept = None
    (folder / "shop.db").rename(folder / "elsewhere.db")
    assert health(monitored) == (503, ["store_refused"])
    assert samples(monitored)["entrepot_healthy",] == 0
    assert ("entrepot_orders_stored", SHOP) not in samples(monitored)


def test_no_reason_shows_a_secret(monitored):
    """Covers P9."""
    monitored.daemon.refusal = "refused: token=abcdefghijkl"
    assert b"abcdefghijkl" not in server._healthz(monitored)[2]


def test_what_the_store_knows(monitored, fill):
    def more(tx):
        tx.quota.count(SHOP, "fetch_orders", NOW, made=5, throttled=1)
        tx.quota.count(SHOP, "fetch_orders", before(days=1), made=90, throttled=0)
        tx.outbox.add_observer("erp.order_changed")
        tx.streams.ensure(AccountId(""), StreamKind.TELL, NOW, scope="erp.order_changed")
        told = tx.outbox.last_id()
        tx.outbox.add([Event(EventName.ORDER_CHANGED, "order/9", "key", NOW, SHOP, {})])
        tx.outbox.park(ParkedDelivery("erp.order_changed", told, "order/9", 1, NOW))

    fill(more)
    told = samples(monitored)
    assert told["entrepot_orders_stored", SHOP] == 2
    assert told["entrepot_newest_order_timestamp_seconds", SHOP] == pytest.approx(
        before(seconds=45).timestamp(), abs=60
    )
    assert told["entrepot_intake_lag_seconds", SHOP] == 30
    assert told["entrepot_offers_not_equal", SHOP] == 1
    assert told["entrepot_calls_total", SHOP, "fetch_orders"] == 95
    assert told["entrepot_calls_throttled_total", SHOP, "fetch_orders"] == 1
    assert told["entrepot_outbox_backlog", "erp.order_changed"] == 1
    assert told["entrepot_outbox_parked", "erp.order_changed"] == 1
    assert told["entrepot_problems_open", "account_parked"] == 0
    assert {kind for name, *kind in told if name == "entrepot_problems_open" for kind in kind} == {*ProblemKind}
    assert told["entrepot_store_bytes",] > 50_000


def test_what_may_be_asked_and_how_much_was(monitored, fill):
    def more(tx):
        tx.quota.count(SHOP, "fetch_orders", NOW, made=5, gets=7)
        tx.quota.save(SHOP, "orders", BucketRow(1.0, NOW, NOW, told=4.0, share=0.25))

    fill(more)
    told = samples(monitored)
    assert told["entrepot_month_gets", SHOP, "fetch_orders"] == 7
    assert told["entrepot_month_gets", SHOP, "fetch_stock"] == 0
    assert told["entrepot_limit_published_rate", "orders", SHOP] == MOCK.limits["orders"].per_second == 2
    assert told["entrepot_limit_rate", "orders", SHOP] == 4 * 0.25
    assert told["entrepot_limit_rate", "stock", SHOP] == MOCK.limits["stock"].per_second


def test_what_the_process_knows(monitored):
    """Covers R99."""
    drift = monitored.daemon.worker.accounts[SHOP].reader.drift
    drift.note("stock", [{"sku": "TEA", "price": 2}] * 100)
    told = samples(monitored)
    assert told["entrepot_unknown_fields_total", SHOP, "price", "stock"] == 100
    assert told["entrepot_fields_never_sent", SHOP, "stock"] == 1
    assert told["entrepot_fields_never_sent", SHOP, "order"] == 0
    assert (told["entrepot_loop_lag_seconds",], told["entrepot_loop_blocked_total",]) == (0.02, 3)


def test_an_account_that_rests_is_not_late(monitored, fill):
    fill(lambda tx: tx.accounts.pause(SHOP, NOW))
    told = samples(monitored)
    assert ("entrepot_intake_lag_seconds", SHOP) not in told
    assert told["entrepot_orders_stored", SHOP] == 2


def test_every_metric_is_documented_and_no_other(monitored):
    page = PAGE.read_text("utf-8")
    monitored.daemon.worker.accounts[SHOP].reader.drift.note("stock", [{"price": 2}])
    families = {
        line.split()[2]: line.split()[3] for line in exposition(monitored).decode().splitlines() if "# TYPE" in line
    }
    listed = dict(re.findall(r"^\| `(entrepot_\w+)` \| (\w+) \|", page, re.MULTILINE))
    assert listed == families
    rules = "".join(re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE))
    used = set(re.findall(r"\bentrepot_\w+", rules))
    assert used <= listed.keys()
    assert rules.count("- alert:") == 3 <= len(used)


def test_every_reason_is_documented():
    page = PAGE.read_text("utf-8").partition("## Is it well?")[2].partition("## Prometheus")[0]
    source = Path(server.__file__).with_name("health.py").read_text("utf-8")
    assert set(re.findall(r'Reason\("(\w+)"', source)) == set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))


def daemon(**changes):
    row = DaemonRow("here:1", socket.gethostname(), os.getpid(), before(minutes=60), config="/srv/shop/plugins.toml")
    return lambda tx: tx.daemons.enter(evolve(row, **changes))


def last_lines(entrepot):
    return entrepot("status").stdout.splitlines()[-3:]


def test_status_says_which_daemon_runs_since_when_by_which_file(entrepot, ask, fill):
    fill(morning, daemon(), lambda tx: tx.daemons.beat("here:1", NOW))
    assert last_lines(entrepot)[1] == ("Daemon here:1 runs since 10:41:50, by /srv/shop/plugins.toml as of 10:41:50.")
    (told,) = ask("status")["daemons"]
    assert (told["state"], told["config"]) == ("running", "/srv/shop/plugins.toml")
    assert told["seen_at"] > told["started_at"]

    def reload(tx):
        tx.daemons.ask("here:1")
        tx.daemons.answer(tx.daemons.find("here:1"), (), before(minutes=5))

    fill(reload)
    assert last_lines(entrepot)[1].endswith("as of 11:36:50.")


def test_status_says_that_no_daemon_runs(entrepot, fill, ask):
    """Covers P8: one that was killed, and one of another machine that nobody has heard of."""
    fill(morning)
    assert last_lines(entrepot)[1] == "No daemon runs on this database: entrepot run"
    fill(daemon(pid=2**22 + 1))
    assert last_lines(entrepot)[:2] == [
        "Daemon here:1 was killed; it had started at 10:41:50.",
        "No daemon runs on this database: entrepot run",
    ]
    fill(daemon(host="another"))
    assert last_lines(entrepot)[1] == ("Daemon here:1 has not been heard of since 10:41:50. Next: look at its log")
    assert [one["state"] for one in ask("status")["daemons"]] == ["silent"]
