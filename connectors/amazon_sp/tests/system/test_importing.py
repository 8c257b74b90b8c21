"""What an import of the connector, and of its client, costs a program: in fresh processes."""

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

ROUNDS = 7
ALLOWED = 0.060

HEAVY = ("sqlite_utils", "sqlite3", "structlog", "starlette", "uvicorn", "prometheus_client", "hypothesis")

TIMED = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"
LOADED = """
import sys
from entrepot.channel import Secret
from entrepot_amazon_sp import AmazonSettings, SellingPartner
client = SellingPartner(AmazonSettings("A2SELLER", "client", Secret("secret"), Secret("token")), region="EU")
print([name for name in {} if name in sys.modules])
from entrepot_amazon_sp import catalog
print(catalog._data.cache_info().currsize)
catalog.find("searchOrders")
print(catalog._data.cache_info().currsize)
"""


NAMES = """
import sys
import entrepot_amazon_sp
print(dir(entrepot_amazon_sp) == sorted(entrepot_amazon_sp.__all__), "httpx" in sys.modules)
from entrepot_amazon_sp import Environment, Secret
import entrepot.channel
print(Secret is entrepot.channel.Secret, Environment is entrepot.channel.Environment, "httpx" in sys.modules)
print([name for name in dir(entrepot_amazon_sp) if getattr(entrepot_amazon_sp, name) is None])
"""


def told(program):
    return subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, text=True).stdout


def test_the_connector_is_imported_about_as_fast_as_httpx():
    """The best of several rounds in turns: what else the machine does hits both."""
    rounds = [[float(told(TIMED.format(name))) for name in ("httpx", "entrepot_amazon_sp")] for _ in range(ROUNDS)]
    httpx, ours = map(min, zip(*rounds, strict=True))
    assert ours <= httpx + ALLOWED


def test_the_client_brings_no_store_no_log_and_no_server_and_reads_the_catalog_with_the_first_call():
    assert told(LOADED.format(HEAVY)).split("\n") == ["[]", "0", "1", ""]


def test_the_public_names_are_shown_before_they_are_asked_for_and_bring_no_more_than_each_needs():
    assert told(NAMES).split("\n") == ["True False", "True True False", "[]", ""]
