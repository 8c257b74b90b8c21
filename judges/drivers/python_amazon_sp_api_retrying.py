"""`python-amazon-sp-api` with its documented retry: `python ... URL OPERATION WAY WANTED TIME_SCALE`."""

import json
import sys
import time

from sp_api.api import OrdersV0, OrdersV20260101
from sp_api.auth import AccessTokenClient
from sp_api.base import Marketplaces, SellingApiException
from sp_api.util import load_all_pages, sp_retry, throttle_retry

URL, OPERATION, WAY, WANTED, TIME_SCALE = sys.argv[1:]
CREDENTIALS = {"refresh_token": "Atzr|judge", "lwa_app_id": "judge", "lwa_client_secret": "judge"}
HOST = {"scheme": "http://", "host": URL.removeprefix("http://")}
RETRY = sp_retry if WAY == "any" else throttle_retry

pause = time.sleep
time.sleep = lambda seconds: pause(seconds / int(TIME_SCALE))


def client(kind):
    tokens = type("Tokens", (AccessTokenClient,), HOST)
    made = kind(Marketplaces.DE, credentials=CREDENTIALS, auth_token_client_class=tokens)
    made.endpoint = URL
    return made


def pages():
    """As its documentation stacks the decorators, or with the retry where the calls are."""
    search = client(OrdersV20260101).search_orders
    every = load_all_pages(next_token_param="paginationToken")
    walk = RETRY()(every(search)) if WAY == "documented" else every(RETRY()(search))
    for page in walk(marketplaceIds=["A1PA6795UKMFR9"], lastUpdatedAfter="2026-11-01T00:00:00Z"):
        yield len(page.payload["orders"])


def items():
    call = RETRY()(client(OrdersV0).get_order_items)
    for number in range(int(WANTED)):
        call(str(number))
        yield 1


got, ended = 0, "complete"
try:
    for more in pages() if OPERATION == "searchOrders" else items():
        got += more
except SellingApiException as error:
    ended = f"gave up: {type(error).__name__}"
print(json.dumps({"got": got, "ended": ended}))
