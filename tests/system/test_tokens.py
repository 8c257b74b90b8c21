"""Four real processes, fifty accounts, one database, and a token endpoint on a port."""

import json
import multiprocessing
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from entrepot.store.sqlite import migrate
from tests.system.token_worker import work

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

ACCOUNTS = [f"account-{number}" for number in range(50)]
PROCESSES = 4
SCALE = 200
HOUR = 3600 / SCALE
"""Seconds of real time."""


class Server(ThreadingHTTPServer):
    request_queue_size = 4 * len(ACCOUNTS)  # all processes ask for all accounts at once


@contextmanager
def endpoint():
    """Its URL, and how often each refresh token came."""
    asked = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            (refresh,) = form["refresh_token"]
            asked[refresh] += 1
            body = json.dumps({"access_token": f"{refresh}:{asked[refresh]}", "expires_in": round(HOUR)}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):  # noqa: A002 - the library's name
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/token", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("hours", "at_most"), [(0.5, 1), pytest.param(3, 4, marks=pytest.mark.soak, id="three hours")])
def test_processes_share_tokens(tmp_path, hours, at_most):
    """Covers R16 and R17: at `time_scale` 200 a token lives for 18 seconds."""
    path = tmp_path / "entrepot.db"
    migrate(path)
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES)
    with endpoint() as (url, asked):
        terms = (str(path), url, ACCOUNTS, SCALE, hours * HOUR, start)
        processes = [context.Process(target=work, args=terms) for _ in range(PROCESSES)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(240)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert sorted(asked) == sorted(f"{name}.1" for name in ACCOUNTS)
    assert max(asked.values()) <= at_most
