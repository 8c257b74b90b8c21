"""Counts of many articles at once, from the file to the positions."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from entrepot.model import CountMeaning, LocationId, Sku
from entrepot.stock.mass_change import Figures


class ImportState(StrEnum):
    STAGING = "staging"  # its lines are being written; nothing else sees them
    HELD = "held"  # waits for a person
    APPLIED = "applied"  # valid; positions and wishes follow
    DONE = "done"
    DISCARDED = "discarded"


@frozen
class StockImport:
    """Counts of many articles at once. `reference` is made of the content, and stands at each of its counts."""

    id: int
    source: str
    file: str
    reference: str
    meaning: CountMeaning
    state: ImportState
    begun_at: datetime
    applied_at: datetime | None
    figures: Figures


@frozen
class StagedCount:
    """A line of an import. `counted` as it was told, `on_hand` the physical units that it stands for."""

    sku: Sku
    location: LocationId
    counted: int
    on_hand: int
    effective_at: datetime


@frozen
class Weighed:
    """A line beside its position: physical units there now, None where nobody knows them, and then.

    `inside`: units of open orders that lay there when it was counted. `exists`: the article is known. `recorded`: this
    very count is recorded already.
    """

    staged: StagedCount
    before: int | None
    after: int
    inside: int
    exists: bool
    recorded: bool


@frozen
class Followed:
    """A position that has taken up its line. `in_doubt`: see `Ledger.around_count`."""

    sku: Sku
    location: LocationId
    in_doubt: bool
