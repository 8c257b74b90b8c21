"""Amazon against Entrepot's connector contract: in memory, virtual time, no network, no credentials."""

from entrepot.testing import ConnectorContract
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.simulator import AmazonDouble


class TestAmazon(ConnectorContract):
    channel, shop = AMAZON, AmazonDouble
    marketplaces = ("DE", "NL")
    settings = {  # noqa: RUF012 - the table of plugins.toml
        "seller_id": "A2EXAMPLE7TEA",
        "client_id": "amzn1.application-oa2-client.example",
        "client_secret": "not-a-secret",
        "refresh_token": "not-a-secret-either",
    }


class TestAmazonOfSeveralStockPools(TestAmazon):
    """Each of these stores has a quantity of its own."""

    marketplaces = ("US", "CA", "MX", "BR")
