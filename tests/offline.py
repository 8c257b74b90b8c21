"""The suite runs anywhere: nothing outside of this machine is reached, and no credential of its owner is seen."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

CREDENTIAL = re.compile(r"(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|ACCESS_?KEY)", re.IGNORECASE)


def is_here(host: object) -> bool:
    """Loopback, by number or by the one name that needs no network; what has no host is a socket of this machine."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ip_address(host.decode() if isinstance(host, bytes) else str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def credentials(names: object) -> list[str]:
    return [name for name in names if CREDENTIAL.search(name)]


@contextmanager
def offline() -> Iterator[None]:
    """No error of the network, which the code under test would take for one: the test itself fails."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _looked_up(socket.getaddrinfo))
        for name in credentials(os.environ):
            patch.delenv(name)
        yield


def _guarded(real):
    def connect(self, *words):
        address = words[-1]
        if isinstance(address, tuple) and not is_here(address[0]):
            pytest.fail(f"a test is not offline: it went to {address[0]}")
        return real(self, *words)

    return connect


def _looked_up(real):
    def getaddrinfo(host, *words, **named):
        if not is_here(host):
            pytest.fail(f"a test is not offline: it looked up {host}")
        return real(host, *words, **named)

    return getaddrinfo
