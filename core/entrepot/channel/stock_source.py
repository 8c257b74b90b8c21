"""What a plugin brings that tells counts of stock by itself: an ERP's connection, or a warehouse's."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from entrepot.model import CountMeaning


@frozen
class FetchCounts:
    """Ask for one page of counts. `cursor` is None for the first page, then the `next_cursor` of the page before."""

    cursor: str | None = None


@frozen
class StockCount:
    """So many units of an article were there.

    `location` None: the only one that there is. `counted_at` None: when the first page was asked for. Without an offset
    it is the time of `[entrepot] time_zone`.
    """

    sku: str
    quantity: int
    counted_at: datetime | None = None
    location: str | None = None


@frozen
class CountPage:
    """Counts, and what they belong to.

    `delivery` names the content: its pages all have the same name, other counts have another, and what was taken under
    a name once is not taken again. `meaning` None: as `[stock] counts` says. `next_cursor` None: this is the last page.
    """

    delivery: str
    counts: Sequence[StockCount]
    meaning: CountMeaning | None = None
    next_cursor: str | None = None


@frozen
class StockSource:
    """A system that is asked for counts each `period`, by one daemon at a time.

    `name` is permanent: what the plugin has delivered is known by it. `fetch_counts` is an `async def`; a page has 20
    seconds, a delivery five minutes.
    """

    name: str
    fetch_counts: Callable[[FetchCounts], Awaitable[CountPage]]
    period: timedelta = timedelta(minutes=15)
