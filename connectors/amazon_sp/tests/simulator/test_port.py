"""The simulator on a port, for a client that is told one address for tokens, APIs and documents."""

import httpx
import pytest

from connectors.amazon_sp.tests.simulator.asking import DE, FORM, ORDERS, SETTINGS
from connectors.amazon_sp.tests.simulator.feeds.feeding import DOCUMENTS, JSON_TYPE
from entrepot.channel import SimulatorConfig
from entrepot.runtime import SystemClock
from entrepot.simulation import stream
from entrepot_amazon_sp import AMAZON
from tests.cli.served import Served

START = "2026-01-01T00:00:00Z"


@pytest.fixture
def client():
    config = SimulatorConfig("amazon", ("DE",), SETTINGS, {"TEA": 5})
    served = Served(AMAZON.simulator(config, SystemClock(), stream(1, "amazon")))
    with httpx.Client(base_url=served.url) as connected:
        yield connected
    served.close()


def test_one_address_serves_tokens_apis_and_documents(client):
    token = client.post("/auth/o2/token", data=FORM).json()["access_token"]
    headers = {"x-amz-access-token": token}
    orders = client.get(ORDERS, params={"lastUpdatedAfter": START}, headers=headers)
    old = client.get("/orders/v0/orders", params={"LastUpdatedAfter": START, "MarketplaceIds": DE}, headers=headers)
    document = client.post(DOCUMENTS, json={"contentType": JSON_TYPE}, headers=headers).json()
    assert document["url"].startswith(f"{client.base_url}/documents/".replace("//documents", "/documents"))
    upload = httpx.put(document["url"], content=b"{}", headers={"content-type": JSON_TYPE})
    assert [answer.status_code for answer in (orders, old, upload, client.get("/"))] == [200] * 4


def test_refusals_have_the_words_of_their_host(client):
    wrong = client.post("/auth/o2/token", data=FORM | {"refresh_token": "another"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    assert client.get(ORDERS).json()["errors"][0]["code"] == "Unauthorized"
    assert client.get("/nothing").status_code == 403
