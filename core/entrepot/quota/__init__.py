"""When a request may be sent, so that the channel never refuses one for frequency."""

from entrepot.quota.bucket import (
    CALL_DEADLINE,
    JITTER,
    At,
    Granted,
    Level,
    answered,
    in_force,
    refilled,
    reserve,
    scaled,
    usable_burst,
)
from entrepot.quota.line import Place, Waiting, ahead_of
from entrepot.quota.memory import BucketKey, MemoryQuota, Turn
from entrepot.quota.observed import Observed
from entrepot.quota.priority import Priority

__all__ = [
    "CALL_DEADLINE",
    "JITTER",
    "At",
    "BucketKey",
    "Granted",
    "Level",
    "MemoryQuota",
    "Observed",
    "Place",
    "Priority",
    "Turn",
    "Waiting",
    "ahead_of",
    "answered",
    "in_force",
    "refilled",
    "reserve",
    "scaled",
    "usable_burst",
]
