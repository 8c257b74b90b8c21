"""A shop of two simulated accounts, and the command line on it."""

from click.testing import CliRunner

from entrepot.cli import main
from entrepot.cli.context import Home

ACCOUNT = """
[accounts.{name}]
channel     = "mock"
environment = "simulator"
publish     = "live"
settings    = {{ url = "https://{name}.example", token = "token-of-{name}" }}
orders      = {{ since = 2026-01-01, freshness = "10m" }}
"""
PRODUCTION = """
[accounts.real]
channel     = "mock"
settings    = { url = "https://real.example", token = "env:NOBODY_SET_THIS" }
"""
HEAD = """
[entrepot]
store = "sqlite:of-production.db"
time_zone = "Europe/Berlin"
[plugins]
mock_channel = "*"
[skus]
catalog = "skus.csv"
"""

MARKET, WEBSHOP = ACCOUNT.format(name="market"), ACCOUNT.format(name="webshop")


def write_shop(folder, accounts=MARKET + WEBSHOP):
    skus = "".join(f"SKU-{number:02d},An article\n" for number in range(10))
    (folder / "skus.csv").write_text(f"sku,title\n{skus}", "utf-8")
    (folder / "plugins.toml").write_text(HEAD + accounts, "utf-8")


def entrepot(folder, *words):
    return CliRunner().invoke(main, ["--config", str(folder / "plugins.toml"), *words])


def stored(folder, work):
    return Home(folder / "demo" / "plugins.toml").read(work)
