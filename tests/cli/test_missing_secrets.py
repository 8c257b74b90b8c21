"""A secret that is not in its place stops what needs it, and nothing else."""

import json

import pytest

from tests.cli.shop import SHOP, TEA, morning

MARKET = """
[accounts.market]
channel = "mock"
environment = "simulator"
simulator = "http://127.0.0.1:1"
settings = { url = "https://market.example", token = "env:MARKET_TOKEN" }

[[alerts]]
to = "https://hooks.example/a"
secret = "env:HOOK_SECRET"
"""


@pytest.fixture
def site(folder, fill, monkeypatch):
    """Neither the secret of the new account nor that of the alerts is set."""
    for name in ("MARKET_TOKEN", "HOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    file = folder / "plugins.toml"
    shop = file.read_text().replace('"simulator"', '"simulator"\n    simulator = "http://127.0.0.1:1"')
    file.write_text(shop + MARKET)
    fill(morning)


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "accounts list",
        "accounts pause market",
        "orders list",
        f"offers why {TEA}",
        "offers diff",
        "offers match",
        f"stock show {TEA}",
        f"stock count {TEA} 40",
        "quota",
        "events tail",
        "problems retry",
        "store check",
        "plugins list",
    ],
)
def test_what_works_on_the_database_needs_no_secret(site, entrepot, command):
    entrepot(*command.split())


@pytest.mark.parametrize("command", ["run", "reload", f"sync {SHOP}"])
def test_a_start_tells_every_missing_secret_at_once(site, entrepot, command):
    told = entrepot(*command.split(), code=78).stderr
    assert "E107 plugins.toml: accounts.market.settings.token\n" in told
    assert "E107 plugins.toml: alerts[0].secret\n" in told
    assert told.endswith("2 faults. Nothing was started.\n")


def test_a_start_tells_missing_secrets_with_all_other_faults(site, entrepot, folder):
    file = folder / "plugins.toml"
    file.write_text(file.read_text().replace("[[alerts]]", 'publsh = "live"\n[[alerts]]'))
    for command in ("run", "status"):
        assert entrepot(command, code=78).stderr.endswith("3 faults. Nothing was started.\n")


@pytest.mark.parametrize("command", ["try market check", "simulator market --port 1", "alerts test"])
def test_what_needs_the_secret_tells_it(site, entrepot, command):
    assert "E107 plugins.toml: " in entrepot(*command.split(), code=78).stderr


def test_the_doctor_tells_it_and_examines_the_others(site, entrepot):
    found = json.loads(entrepot("doctor", "--format", "json", code=1).stdout)
    assert [one["message"].partition(":")[0] for one in found if one["code"] == "E107"] == [
        "accounts.market.settings.token",
        "alerts[0].secret",
    ]
    assert {one["account"] for one in found} == {"", SHOP}


def test_credentials_that_two_accounts_share_are_told_once(site, entrepot, folder):
    file = folder / "plugins.toml"
    shared = MARKET.replace(', token = "env:MARKET_TOKEN" }', ' }\ncredentials = "app"')
    second = shared.partition("[[alerts]]")[0].replace("accounts.market", "accounts.second")
    credentials = '[credentials.app]\ntoken = "env:MARKET_TOKEN"\n'
    file.write_text(file.read_text().replace(MARKET, shared + second + credentials))
    assert entrepot("run", code=78).stderr.count("credentials.app.token") == 1
    assert "credentials.app.token" in entrepot("try", "second", "check", code=78).stderr
