"""The connector against Entrepot's contract: in memory, virtual time, no network, no credentials."""

from entrepot.testing import ConnectorContract
from entrepot_shopname import SHOPNAME
from entrepot_shopname.shop import ShopnameShop


class TestShopname(ConnectorContract):
    channel, shop = SHOPNAME, ShopnameShop
    settings = {"url": "https://shopname.example", "token": "not-a-secret"}  # noqa: RUF012 - one account
