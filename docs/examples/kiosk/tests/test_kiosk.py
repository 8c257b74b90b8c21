"""The kiosk against Entrepot's contract."""

from entrepot.testing import ConnectorContract
from entrepot_kiosk import KIOSK
from entrepot_kiosk.shop import KioskShop


class TestKiosk(ConnectorContract):
    channel, shop = KIOSK, KioskShop
    settings = {"url": "https://kiosk.example", "api_key": "not-a-secret"}  # noqa: RUF012 - one account
