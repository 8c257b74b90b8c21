"""Requests to channels: reserved, counted, bounded in time, and judged by the channel's own error table."""

from entrepot.http.client import Transport
from entrepot.http.endpoint import TokenEndpoint
from entrepot.http.grant import CallGrant, OneMore, UnreservedRequest, grant, running_call
from entrepot.http.port import AccountHttp, HttpPort
from entrepot.http.reroute import Rerouted
from entrepot.http.signed import Signed, Signer
from entrepot.http.token_cache import Keeping, MemoryTokenCache, TokenCache
from entrepot.http.tokens import TokenSource
from entrepot.http.transfer import Arrival, Transfer

__all__ = [
    "AccountHttp",
    "Arrival",
    "CallGrant",
    "HttpPort",
    "Keeping",
    "MemoryTokenCache",
    "OneMore",
    "Rerouted",
    "Signed",
    "Signer",
    "TokenCache",
    "TokenEndpoint",
    "TokenSource",
    "Transfer",
    "Transport",
    "UnreservedRequest",
    "grant",
    "running_call",
]
