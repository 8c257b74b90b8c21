"""Rows of the store as values, by what they are rows of. Instants are aware and in UTC."""

from entrepot.store.records.accounts import AccountRow, SealedRow, Withheld
from entrepot.store.records.calls import BreakerRow, BucketRow, CallCount, Suspect, WaitingRow
from entrepot.store.records.imports import Followed, ImportState, StagedCount, StockImport, Weighed
from entrepot.store.records.offers import Attempt, AttemptItem, Excess, OfferRow
from entrepot.store.records.orders import DeadLetter, KnownOrder, LineRow, RawRecord
from entrepot.store.records.outbox import OutboxRow, ParkedDelivery
from entrepot.store.records.streams import NO_ACCOUNT, DaemonRow, DueStream, StreamKind, StreamRow

__all__ = [
    "NO_ACCOUNT",
    "AccountRow",
    "Attempt",
    "AttemptItem",
    "BreakerRow",
    "BucketRow",
    "CallCount",
    "DaemonRow",
    "DeadLetter",
    "DueStream",
    "Excess",
    "Followed",
    "ImportState",
    "KnownOrder",
    "LineRow",
    "OfferRow",
    "OutboxRow",
    "ParkedDelivery",
    "RawRecord",
    "SealedRow",
    "StagedCount",
    "StockImport",
    "StreamKind",
    "StreamRow",
    "Suspect",
    "WaitingRow",
    "Weighed",
    "Withheld",
]
