"""When a request may be sent, so that the channel never refuses one for frequency."""

from entrepot.quota.bucket import (
    CALL_DEADLINE,
    JITTER,
    At,
    Granted,
    Level,
    answered,
    reserve,
    scaled,
    usable_burst,
)
from entrepot.quota.memory import BucketKey, MemoryQuota
from entrepot.quota.priority import Priority

__all__ = [
    "CALL_DEADLINE",
    "JITTER",
    "At",
    "BucketKey",
    "Granted",
    "Level",
    "MemoryQuota",
    "Priority",
    "answered",
    "reserve",
    "scaled",
    "usable_burst",
]
