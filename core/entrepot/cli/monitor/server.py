"""`GET /healthz` and `GET /metrics`: answered by threads of their own, so that a blocked loop can be told as well."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from typing import TypeAlias

import orjson
import structlog

from entrepot.cli.monitor.health import Monitored, reasons
from entrepot.config.model import Address

TRY_AGAIN = 5.0
"""Seconds until the address is asked for again. Of several daemons on one machine one has it; another takes over."""

LOOK = 0.2
"""Seconds within which the end is noticed."""

Answer: TypeAlias = tuple[HTTPStatus, str, bytes]
Answers: TypeAlias = Mapping[str, Callable[[], Answer]]

JSON = "application/json"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger()


@contextmanager
def served(monitored: Monitored) -> Iterator[None]:
    """As long as the block runs, where plugins.toml names an address."""
    address = monitored.home.config.metrics
    if address is None:
        yield
        return
    # Its library takes a tenth of a second to import, and most go without.
    from entrepot.cli.monitor.metrics import exposition  # noqa: PLC0415 - as said

    answers: Answers = {
        "/healthz": lambda: _healthz(monitored),
        "/metrics": lambda: (HTTPStatus.OK, PROMETHEUS, exposition(monitored)),
    }
    ended = threading.Event()
    thread = threading.Thread(target=_serve, args=(address, answers, ended), name="monitor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _serve(address: Address, answers: Answers, ended: threading.Event) -> None:
    told = False
    while not ended.is_set():
        try:
            server = _Server(address, answers)
        except OSError as refused:
            if not told:
                log.error("metrics_not_served", host=address.host, port=address.port, reason=str(refused))  # noqa: TRY400
            told = True
            ended.wait(TRY_AGAIN)
            continue
        with server:
            log.info("metrics_served", host=address.host, port=address.port)
            while not ended.is_set():
                server.handle_request()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    timeout = LOOK

    def __init__(self, address: Address, answers: Answers) -> None:
        self.answers = answers
        self.address_family = AF_INET6 if ":" in address.host else AF_INET
        super().__init__((address.host, address.port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own looks up a name for the address, which may take long


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "Entrepot"
    timeout = 5.0  # of a connection on which nothing comes

    def do_GET(self) -> None:
        answer = self.server.answers.get(self.path)
        if answer is None:
            self._send(HTTPStatus.NOT_FOUND, JSON, orjson.dumps({"known": [*self.server.answers]}))
            return
        try:
            found = answer()
        except Exception:
            log.exception("monitor_failed", path=self.path)
            found = HTTPStatus.INTERNAL_SERVER_ERROR, JSON, orjson.dumps({"reason": "a defect; the log has it"})
        self._send(*found)

    def handle(self) -> None:
        """Who asked may have gone."""
        with suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Nothing: a monitor asks four times a minute."""

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _healthz(monitored: Monitored) -> Answer:
    found = reasons(monitored)
    redact = monitored.home.redactor.text
    told = [{"code": reason.code, "message": redact(reason.message)} for reason in found]
    status = HTTPStatus.SERVICE_UNAVAILABLE if found else HTTPStatus.OK
    body = {"worker": monitored.daemon.worker.name, "healthy": not found, "reasons": told}
    return status, JSON, orjson.dumps(body)
