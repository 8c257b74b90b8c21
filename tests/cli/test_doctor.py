"""`doctor`: each thing that keeps a first sync from working is named by a code of its own, and nothing is changed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from entrepot.channel import CheckReport, Retirement, Secret, SimulatorConfig
from entrepot.cli import asking, context
from entrepot.cli.doctor import machine
from entrepot.http.reroute import Rerouted
from entrepot.model import AccountId
from entrepot.runtime import SystemClock, system_rng
from entrepot.simulation import Answer
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.settings import AmazonSettings
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector, MockSettings
from tests.cli.served import Served
from tests.cli.shop import PLUGINS, TEA

AMAZON_EU = AccountId("amazon-eu")
AMAZON_TOML = """
[entrepot]
store = "sqlite:shop.db"
[plugins]
amazon_sp = "*"
[accounts.amazon-eu]
channel = "amazon_sp"
marketplaces = ["DE", "NL"]
environment = "simulator"
simulator = "URL"
[accounts.amazon-eu.settings]
seller_id = "A2SELLER"
client_id = "client-1"
client_secret = "client-secret"
refresh_token = "refresh-1"
[skus]
catalog = "skus.csv"
"""

TOKEN = "POST /auth/o2/token"


class ShiftedClock:
    """Of a machine that is behind."""

    behind = timedelta()

    def now(self):
        return SystemClock().now() - self.behind


@pytest.fixture
def machine_clock(folder, monkeypatch):
    clock = type("Shifted", (ShiftedClock,), {})
    monkeypatch.setattr(context, "SystemClock", clock)
    return clock


@pytest.fixture
def shop(folder, machine_clock):
    settings = MockSettings("http://webshop.example", Secret("a-simulated-token"))
    config = SimulatorConfig("webshop", (), settings, {TEA: 9, "MUG-BLUE": 3})
    served = Served(MOCK.simulator(config, SystemClock(), system_rng()))
    text = PLUGINS.replace("settings =", f'simulator = "{served.url}"\n    settings =')
    (folder / "plugins.toml").write_text(text)
    yield served
    served.close()


@pytest.fixture
def amazon(folder, machine_clock):
    """A seller of the EU, who sells in DE and NL."""
    settings = AmazonSettings("A2SELLER", "client-1", Secret("client-secret"), Secret("refresh-1"))
    config = SimulatorConfig("amazon-eu", ("DE", "NL"), settings, {TEA: 9})
    served = Served(AMAZON.simulator(config, SystemClock(), system_rng()))
    (folder / "plugins.toml").write_text(AMAZON_TOML.replace("URL", served.url))
    yield served
    served.close()


@pytest.fixture
def edit(folder):
    """Replace in plugins.toml."""

    def replace(old, new):
        text = (folder / "plugins.toml").read_text()
        assert old in text
        (folder / "plugins.toml").write_text(text.replace(old, new))

    return replace


@pytest.fixture
def codes(ask):
    """What `doctor` finds wrong or doubtful, but for the missing backup."""

    def run(*args, code=1):
        found = ask("doctor", *args, code=code)
        assert all(bool(one["code"]) == bool(one["next"]) == (one["state"] != "ok") for one in found)
        return {one["code"]: one for one in found if one["code"] not in {"", "D031"}}

    return run


def test_all_is_well(entrepot, shop):
    shown = entrepot("doctor").stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[0] == "plugins.toml ok 1 account, 2 articles"
    assert lines[1].startswith("plugins ok mock_channel 0.")
    assert lines[2].startswith("store ok shop.db, schema ")
    assert lines[3:5] == ["warn no backup yet (D031)", "Next: entrepot store backup FOLDER"]
    assert lines[5:] == [
        "webshop ok mock, simulator: credentials accepted",
        "MOCK ok EUR",
        "orders ok can be read",
        "stock ok can be read",
        "clock ok within 2 s of the channel's",
        "1 warning, 0 errors. Nothing was changed on any channel.",
    ]


def test_the_shop_sees_reads_only_and_each_call_is_counted(codes, ask, shop):
    before = dict(shop.app.stock)
    assert codes(code=0) == {}
    assert {line.split()[0] for line in shop.methods} == {"GET"}
    assert shop.app.stock == before
    calls = ask("quota")["calls"]
    made = {row["operation"]: row["today"]["made"] for row in calls if row["today"]["made"]}
    assert made == {"check": 1, "describe_account": 1, "fetch_orders": 1, "fetch_stock": 1}


def test_amazon_sees_reads_only(codes, amazon):
    assert codes(code=0) == {}
    assert {line for line in amazon.methods if not line.startswith("GET ")} == {TOKEN}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('client_secret = "client-secret"', 'client_secret = "another-secret"', "D013"),
        ('refresh_token = "refresh-1"', 'refresh_token = "refresh-2"', "D014"),
        ('marketplaces = ["DE", "NL"]', 'marketplaces = ["US"]', "D015"),
        ('marketplaces = ["DE", "NL"]', 'marketplaces = ["DE", "PL"]', "D017"),
        ('marketplaces = ["DE", "NL"]', 'marketplaces = ["DE", "US"]', "E114"),
        ('refresh_token = "refresh-1"', 'refresh_token = "env:ABSENT"', "E107"),
    ],
)
def test_a_mismatch_of_the_configuration_is_named(codes, amazon, edit, old, new, code):
    """Covers R24."""
    edit(old, new)
    assert codes().keys() == {code}


def test_a_consent_that_was_taken_back(codes, amazon):
    amazon.app.revoke()
    assert "authorize the application again" in codes()["D014"]["next"]


@pytest.mark.parametrize(("configured", "good_for"), [("production", "sandbox"), ("sandbox", "production")])
def test_credentials_of_the_other_environment(codes, amazon, edit, monkeypatch, configured, good_for):
    """Covers R24."""
    edit('environment = "simulator"', f'environment = "{configured}"')
    edit(f'simulator = "{amazon.url}"\n', "")
    for name, value in (("client_secret", "client-secret"), ("refresh_token", "refresh-1")):
        monkeypatch.setenv(name.upper(), value)
        edit(f'{name} = "{value}"', f'{name} = "env:{name.upper()}"')
    monkeypatch.setattr(asking, "transports", lambda config, names: {AMAZON_EU: Rerouted(amazon.url, AMAZON_EU)})
    amazon.app.worlds = frozenset({good_for})
    (found,) = codes().values()
    assert (found["code"], found["message"]) == (
        "D016",
        f"the credentials are good for {good_for}, and [accounts.amazon-eu] says {configured}",
    )


def test_a_missing_role(codes, amazon):
    amazon.app.withheld = frozenset({"searchOrders"})
    (found,) = codes().values()
    assert (found["code"], found["subject"], found["state"]) == ("D012", "orders", "error")


def test_a_refusal_everywhere_is_a_missing_permission(codes, amazon):
    amazon.app.withheld = frozenset({"getMarketplaceParticipations"})
    assert codes()["D012"]["subject"] == "account"


def test_a_permission_that_check_misses(codes, shop):
    account = {"permissions": ["orders"], "currency": "EUR", "time_zone": "Europe/Berlin"}
    shop.app.script(Answer(200, account), route="GET /v1/account")
    assert codes()["D012"]["message"] == "stock is missing"


def test_credentials_that_end_soon_are_told(codes, amazon, edit):
    edit('refresh_token = "refresh-1"', 'refresh_token = "refresh-1"\nclient_secret_created = 2020-01-01')
    found = codes(code=0)["D022"]
    assert (found["subject"], found["state"]) == ("credentials", "warn")
    assert found["message"] == "the client secret ended on 2020-06-29"
    assert found["next"].startswith("entrepot amazon rotate-secret amazon-eu, ")


@pytest.mark.parametrize(("days", "told"), [(180, True), (181, False), (-3, True)])
def test_an_operation_that_the_channel_removes_is_told_from_180_days_on(codes, shop, monkeypatch, days, told):
    removed = SystemClock().now().date() + timedelta(days=days)
    report = CheckReport(retired=(Retirement("GET /v1/orders", removed, "GET /v2/orders"),))

    async def check(self, request):
        return report

    monkeypatch.setattr(MockConnector, "check", check)
    found = codes(code=0).get("D020")
    assert (found is not None) is told
    if found is not None:
        assert (found["subject"], found["state"]) == ("GET /v1/orders", "warn")
        assert found["message"] == f"the channel removes it on {removed}"
        assert found["next"].startswith("update the plugin that brings mock (it should use GET /v2/orders by then)")


def test_a_wrong_token_is_not_told(codes, entrepot, shop, edit):
    edit("a-simulated-token", "another-old-token")
    assert codes().keys() == {"D013"}
    assert "another-old-token" not in entrepot("doctor", code=1).output


def test_a_channel_that_is_not_there(codes, shop):
    """What the error itself says to do is all that there is to do."""
    shop.close()
    found = codes()
    assert found.keys() == {"D011"}
    assert found["D011"]["message"].startswith("account webshop: nothing listens at http://127.0.0.1:")
    assert found["D011"]["next"].startswith("entrepot simulator webshop --port ")
    assert found["D011"]["next"].endswith(", then: entrepot doctor webshop")


@pytest.mark.parametrize(("status", "code"), [(500, "D018"), (404, "D010"), (429, "D019")])
def test_a_channel_that_answers_otherwise(codes, shop, status, code):
    shop.app.script(Answer(status))
    assert codes(code=0 if code == "D019" else 1).keys() == {code}


@pytest.mark.parametrize(("minutes", "state", "code"), [(2, "warn", 0), (10, "error", 1)])
def test_a_skewed_clock(codes, shop, machine_clock, minutes, state, code):
    machine_clock.behind = timedelta(minutes=minutes)
    found = codes(code=code)
    assert found["D021"]["state"] == state
    seconds, words = found["D021"]["message"].split(" ", 1)
    assert abs(int(seconds) - 60 * minutes) <= 1
    assert words == "s behind the channel's"


def test_an_allowance_that_is_used_up_is_left_alone(codes, shop):
    for _ in range(2):
        codes(code=0)
    asked = len(shop.paths)
    found = codes(code=0)
    assert found.keys() == {"D019"}
    assert len(shop.paths) <= asked + 3


def test_every_fault_of_the_file_is_told_and_nothing_is_asked(codes, shop, edit):
    edit("[skus]", "[sku]")
    edit('publish = "live"', 'publish = "on"')
    assert codes().keys() == {"E103", "E105"}
    assert shop.paths == []


def test_a_file_without_accounts_and_articles(codes, folder):
    (folder / "plugins.toml").write_text('[entrepot]\nstore = "sqlite:shop.db"\n')
    assert codes(code=0).keys() == {"D001", "D002"}


def test_a_database_that_is_none(codes, folder, shop):
    (folder / "shop.db").write_text("no database, but long enough to be taken for one " * 100)
    assert codes().keys() == {"D030"}
    assert shop.paths == []


def test_backups_grow_old(codes, entrepot, ask, shop, machine_clock):
    entrepot("store", "migrate")
    entrepot("store", "backup", "copies")
    assert "D031" not in {one["code"] for one in ask("doctor")}
    machine_clock.behind = timedelta(days=-8)
    assert codes(code=1).keys() == {"D032", "D021"}


def test_a_disk_that_is_nearly_full(codes, shop, monkeypatch):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: SimpleNamespace(free=5000))
    assert codes(code=0).keys() == {"D033"}


def test_one_account_of_several(ask, shop, folder):
    text = (folder / "plugins.toml").read_text()
    (folder / "plugins.toml").write_text(
        text.replace(
            "[skus]",
            """[accounts.market]
    channel = "mock"
    environment = "simulator"
    simulator = "http://127.0.0.1:9"
    settings = { url = "http://market.example", token = "simulated" }
    [skus]""",
        )
    )
    assert {one["account"] for one in ask("doctor", "webshop")} == {"", "webshop"}
    assert [one["code"] for one in ask("doctor", code=1) if one["account"] == "market"] == ["D011"]


def test_an_unknown_account(entrepot, shop):
    assert "nearest is webshop" in entrepot("doctor", "webshp", code=2).stderr
