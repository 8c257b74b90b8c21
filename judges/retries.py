"""How often each client is refused for frequency: a peer by its documented retry, ours by its quota, in real time."""

import json
import subprocess
import time

from judges import clients
from judges.serving import served
from judges.throttled import ITEMS, ORDERS, SEARCH, TIME_SCALE, Throttled

CALLS = 3_000
"""Of getOrderItems."""

RUNS = {
    f"{ORDERS:,} orders by searchOrders": (SEARCH, ORDERS),
    f"{CALLS:,} calls of getOrderItems": (ITEMS, CALLS),
}
AT_EACH_CALL = {"throttle_retry at each call": "throttle", "sp_retry at each call": "any"}
WAYS = {
    SEARCH: {"throttle_retry above load_all_pages": "documented", **AT_EACH_CALL},
    ITEMS: AT_EACH_CALL,
}
"""Of the peer. What its documentation shows for a list comes first; it does not retry once the pages are walked."""


def judge_retries() -> None:
    print(f"Refusals for frequency (429): Amazon's published limits, and documented waits, {TIME_SCALE} times as fast")
    for name, (operation, wanted) in RUNS.items():
        print(f"  {name}")
        _run(clients.OURS, "its quota", operation, "quota", wanted)
        if clients.PYTHON_AMAZON_SP_API.python.exists():
            for words, way in WAYS[operation].items():
                _run(clients.PYTHON_AMAZON_SP_API, words, operation, way, wanted)


def _run(client: clients.Client, words: str, operation: str, way: str, wanted: int) -> None:
    words = f"{client.distribution}, {words}"
    server = Throttled()
    driver = f"drivers.{client.distribution.replace('-', '_')}_retrying"
    with served(server) as url:
        command = [client.python, "-m", driver, url, operation.rpartition(".")[2], way, str(wanted), str(TIME_SCALE)]
        start = time.perf_counter()
        told = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, cwd=clients.FOLDER)
        seconds = time.perf_counter() - start
    outcome = json.loads(told.stdout)
    print(
        f"    {words:<58}{outcome['got']:>6,} of {wanted:,}; {server.calls[operation]:>6,} calls, "
        f"{server.refused[operation]:>6,} refused; {seconds:>5.1f} s; {outcome['ended']}"
    )
