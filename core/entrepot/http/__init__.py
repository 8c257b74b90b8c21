"""Requests to channels: reserved, counted, bounded in time, and judged by the channel's own error table."""

from entrepot.http.client import Transport
from entrepot.http.endpoint import TokenEndpoint
from entrepot.http.grant import CallGrant, OneMore, UnreservedRequest, grant, running_call
from entrepot.http.port import AccountHttp, HttpPort
from entrepot.http.token_cache import Keeping, MemoryTokenCache, TokenCache
from entrepot.http.tokens import TokenSource

__all__ = [
    "AccountHttp",
    "CallGrant",
    "HttpPort",
    "Keeping",
    "MemoryTokenCache",
    "OneMore",
    "TokenCache",
    "TokenEndpoint",
    "TokenSource",
    "Transport",
    "UnreservedRequest",
    "grant",
    "running_call",
]
