"""Requests to channels: reserved, counted, bounded in time, and judged by the channel's own error table."""

from entrepot.http.client import Transport
from entrepot.http.endpoint import TokenEndpoint
from entrepot.http.grant import CallGrant, OneMore, UnreservedRequest, grant, running_call
from entrepot.http.port import AccountHttp, HttpPort
from entrepot.http.shelf import Kept, MemoryShelf, Shelf
from entrepot.http.tokens import TokenSource

__all__ = [
    "AccountHttp",
    "CallGrant",
    "HttpPort",
    "Kept",
    "MemoryShelf",
    "OneMore",
    "Shelf",
    "TokenEndpoint",
    "TokenSource",
    "Transport",
    "UnreservedRequest",
    "grant",
    "running_call",
]
