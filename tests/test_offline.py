import asyncio
import os
import socket

import pytest

from tests import offline

OUTSIDE = "192.0.2.1"  # for documentation: it is nobody's


def refused(attempt):
    try:
        attempt()
    except pytest.fail.Exception:
        return True
    except OSError:  # of this machine's own network, if it has none
        return False
    return False


def connect_outside():
    """By UDP, which sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect((OUTSIDE, 9))


def test_nothing_outside_is_reached_and_no_credential_is_seen():
    """Covers R96: the whole suite runs so, by a fixture of the root's conftest.py."""
    assert refused(connect_outside)
    assert refused(lambda: socket.getaddrinfo(OUTSIDE, 443, flags=socket.AI_NUMERICHOST))
    assert offline.credentials(os.environ) == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBSHOP_TOKEN", "of somebody")
        with offline.offline():
            assert "WEBSHOP_TOKEN" not in os.environ


def test_this_machine_is_reached():
    async def talk():
        server = await asyncio.start_server(lambda _, writer: writer.close(), "localhost")
        async with server:
            host, port, *_ = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(host, port)
            assert await reader.read() == b""
            writer.close()

    asyncio.run(talk())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", b"localhost", None, "::1%lo"])
def test_hosts_of_this_machine(host):
    assert offline.is_here(host)


@pytest.mark.parametrize("host", [OUTSIDE, "0.0.0.0", "10.0.0.1", "shop.example", "localhost.example", "2001:db8::1"])  # noqa: S104 - refused
def test_hosts_of_others(host):
    assert not offline.is_here(host)
