"""`[entrepot] metrics`: where a daemon answers whoever watches it."""

import ipaddress
import re
from contextlib import suppress

from entrepot.config.model import Address
from entrepot.config.table import Table
from entrepot.errors import Fault

HIGHEST_PORT = 65_535
EXAMPLE = 'write "127.0.0.1:9464"'

_ADDRESS = re.compile(r"(?:\[([^\[\]]+)\]|([^\[\]:]+)):([0-9]{1,5})")


def read_metrics(table: Table, warnings: list[Fault]) -> Address | None:
    """Of the table `[entrepot]`; None where it has no such key, or a fault was noted."""
    text = table.read("metrics", str, None)
    if text is None:
        return None
    found = _ADDRESS.fullmatch(text)
    if found is None:
        table.refuse("metrics", "E105", f"expected an address and a port, found {text!r}", EXAMPLE)
        return None
    host, port = _ip(found[1] or found[2]), int(found[3])
    if host is None:
        action = f"{EXAMPLE}; a name may stand for several addresses"
        table.refuse("metrics", "E105", f"{found[1] or found[2]!r} is no IP address", action)
    if not 0 < port <= HIGHEST_PORT:
        table.refuse("metrics", "E105", f"there is no port {port}", f"write a port from 1 to {HIGHEST_PORT}")
        return None
    if host is not None and not ipaddress.ip_address(host).is_loopback:
        warnings.append(_open(table.at("metrics"), host))
    return None if host is None else Address(host, port)


def _ip(host: str) -> str | None:
    with suppress(ValueError):
        return str(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host))
    return None


def _open(path: str, host: str) -> Fault:
    message = f"whoever reaches {host} reads how many orders every account has: nobody is asked for a password"
    return Fault("W102", path, message, "write 127.0.0.1, or let a firewall decide who may ask")
