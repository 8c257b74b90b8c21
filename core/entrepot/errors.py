"""What can go wrong, sorted by what happens next.

EntrepotError
|-- ConfigError            plugins.toml or a plugin is wrong; nothing starts; exit 78
|-- StoreError             the database cannot be used as it is
|   `-- LeaseLost          another daemon took the stream over; this page of work is dropped, theirs counts
`-- ChannelError           a channel said no, or said nothing
    |-- AuthError          the account parks; only `check` is tried, at 5 minutes doubling to hourly
    |-- ForbiddenError     one operation or data set is not permitted: step down and tell
    |-- RateLimited        come back after the bucket's own period
    |-- TransientError     try again later
    |   `-- CursorExpired  the pass starts again from its window, halved
    |-- UnknownOutcome     a write may have been applied: read it back before it is sent again
    `-- RejectedError      the channel refused this item; others go on
"""

from collections.abc import Sequence
from datetime import timedelta

from attrs import frozen


class EntrepotError(Exception):
    """Anything that Entrepot raises on purpose."""


@frozen
class Fault:
    """One thing that is wrong with a configuration or a plugin.

    `code` is stable (E-numbers in docs/reference/errors.md), `path` is where it is
    (`plugins.toml: accounts.webshop.channel`).
    """

    code: str
    path: str
    message: str
    next_action: str

    def __str__(self) -> str:
        return f"{self.code} {self.path}: {self.message}. Next: {self.next_action}"


class ConfigError(EntrepotError):
    """Carries every fault that was found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class StoreError(EntrepotError):
    """The database is missing, newer than this program, on a network file system, full or read-only."""


class LeaseLost(StoreError):  # noqa: N818 - an event, not a mistake
    """The stream's epoch moved on while this daemon was away."""


class ChannelError(EntrepotError):
    """A channel's answer, or its absence.

    `status` and `code` are the channel's own words, `request_id` is what its support asks for.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id


class AuthError(ChannelError):
    """Credentials were refused."""


class ForbiddenError(ChannelError):
    """The credentials are good, the permission is missing."""


class RateLimited(ChannelError):  # noqa: N818 - an event, not a mistake
    """The channel refused for frequency. `retry_after` where the channel says so."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, request_id=request_id)
        self.retry_after = retry_after


class TransientError(ChannelError):
    """Failed now, may work later; a read, or a write that certainly had no effect."""


class CursorExpired(TransientError):  # noqa: N818 - an event, not a mistake
    """The channel no longer knows the page cursor."""


class UnknownOutcome(ChannelError):  # noqa: N818 - an event, not a mistake
    """A write was sent and no usable answer came back."""


class RejectedError(ChannelError):
    """The channel refuses the content; sending it again unchanged is useless."""
