"""Work that comes due again and again, and the daemons that do it."""

from datetime import datetime
from enum import StrEnum

from attrs import frozen

from entrepot.model import AccountId, Window

NO_ACCOUNT = AccountId("")
"""Whose streams are those of observers, receivers of alerts and stock sources."""


class StreamKind(StrEnum):
    """Work of an account that comes due again and again, one page at a time."""

    HEALTH = "health"  # check and describe_account
    ORDERS = "orders"  # what changed lately
    ORDER_REPAIR = "order_repair"  # once more over what may have been shown late
    STOCK = "stock"  # quantities read back
    PUSH = "push"  # quantities sent
    BULK = "bulk"  # running jobs
    TELL = "tell"  # events told to an observer, whose name is the scope
    COUNTS = "counts"  # counts asked of a stock source, whose name is the scope


@frozen
class DueStream:
    """A stream that can be claimed."""

    id: int
    account: AccountId
    kind: StreamKind


@frozen
class StreamRow:
    """A stream and the pass that it is in. `epoch` counts the claims: the holder of an older one cannot commit."""

    id: int
    account: AccountId
    kind: StreamKind
    epoch: int
    next_due: datetime
    scope: str = ""
    watermark: datetime | None = None
    window: Window | None = None
    cursor: str | None = None
    complete_until: datetime | None = None
    seen_pages: tuple[str, ...] = ()
    records: int = 0
    window_cap: float | None = None
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str | None = None


@frozen
class DaemonRow:
    """A process that runs the loop, as it entered itself. `asked` and `answered` count requests to read plugins.toml.

    `answer`: the faults for which it refused the last one. `config`: the path of the plugins.toml that it works by,
    which it read at `read_at`; `seen_at`: when it was there last. Both are the store's to write.
    """

    name: str
    host: str
    pid: int
    started_at: datetime
    asked: int = 0
    answered: int = 0
    answer: tuple[str, ...] = ()
    config: str = ""
    read_at: datetime | None = None
    seen_at: datetime | None = None
