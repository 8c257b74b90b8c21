"""Calls a second of `python-amazon-sp-api`, in its own environment: `python benchmarks/peer.py URL CALLS`."""

import sys
import time

from sp_api.api import OrdersV20260101
from sp_api.auth import AccessTokenClient
from sp_api.base import Marketplaces

URL, CALLS = sys.argv[1], int(sys.argv[2])
CREDENTIALS = {"refresh_token": "Atzr|benchmark", "lwa_app_id": "benchmark", "lwa_client_secret": "benchmark"}


class Tokens(AccessTokenClient):
    scheme, host = "http://", URL.removeprefix("http://")


client = OrdersV20260101(Marketplaces.DE, credentials=CREDENTIALS, auth_token_client_class=Tokens)
client.endpoint = URL
client.search_orders(marketplaceIds=[client.marketplace_id])
start = time.perf_counter()
for _ in range(CALLS):
    client.search_orders(marketplaceIds=[client.marketplace_id])
print(CALLS / (time.perf_counter() - start))
