"""What can go wrong, sorted by what happens next.

EntrepotError
|-- ConfigError            plugins.toml or a plugin is wrong; nothing starts; exit 78
|-- StoreError             the database cannot be used as it is
|   `-- LeaseLost          another daemon took the stream over; this page of work is dropped, theirs counts
`-- ChannelError           a channel said no, or said nothing
    |-- AuthError          the account parks; only `check` is tried, at 5 minutes doubling to hourly
    |   |-- ConsentRevoked      its owner must authorize the application again
    |   `-- ApplicationRefused  the application's own id or secret: every account of it waits, and one problem says so
    |-- ForbiddenError     one operation is not permitted: tell
    |   `-- DataRefused  data sets are not permitted: it is asked for the others, and told
    |-- RateLimited        come back after the bucket's own period
    |-- TransientError     try again later
    |   |-- CursorExpired  the pass starts again from its window, halved
    |   `-- NothingListens an account's simulator does not run: who waits for the answer is told at once
    |-- UnknownOutcome     a write may have been applied: read it back before it is sent again
    `-- RejectedError      the channel refused this item; others go on
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Self

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

    `status` (None where there was no answer) and `code` ("" without one) are the channel's own words, `details` all
    that it said beside them, without secrets. `request_id` is what its support asks for; `request_ids` are those of
    every attempt, the last one included. `retry_at` is when the next attempt of a client on its own makes sense, where
    it knows that and does not wait so long. `RateLimited` has `retry_after` (None where the channel does not say), and
    `DataRefused` has `without`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        details: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.request_ids: tuple[str, ...] = (request_id,) if request_id else ()
        self.details = details
        self.retry_at: datetime | None = None

    def copied(self) -> Self:
        """For each of those who share a failure one of its own: notes and request ids are added for one caller."""
        own = copy(self)
        own.__cause__, own.__context__ = self.__cause__, self.__context__
        return own.with_traceback(self.__traceback__)


class AuthError(ChannelError):
    """Credentials were refused."""


class ConsentRevoked(AuthError):  # noqa: N818 - an event, not a mistake
    """The account's owner has taken back what was allowed, or it has expired."""


class ApplicationRefused(AuthError):  # noqa: N818 - as above
    """The application's own credentials were refused, so no account of it can work."""


class ForbiddenError(ChannelError):
    """The credentials are good, the permission is missing."""


class DataRefused(ForbiddenError):  # noqa: N818 - as above
    """Some data sets of a read were refused. `without`: all that are to be left out of the next request.

    Raised by a connector that knows what less it can ask for; it asks for nothing twice within a call.
    """

    def __init__(self, refused: ChannelError, without: Sequence[str]) -> None:
        super().__init__(
            str(refused),
            status=refused.status,
            code=refused.code,
            request_id=refused.request_id,
            details=refused.details,
        )
        self.without = tuple(without)


class RateLimited(ChannelError):  # noqa: N818 - an event, not a mistake
    """The channel refused for frequency. `retry_after` where the channel says so."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str = "",
        request_id: str = "",
        details: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message, status=status, code=code, request_id=request_id, details=details)
        self.retry_after = retry_after


class TransientError(ChannelError):
    """Failed now, may work later; a read, or a write that certainly had no effect."""


class CursorExpired(TransientError):  # noqa: N818 - an event, not a mistake
    """The channel no longer knows the page cursor."""


class NothingListens(TransientError):  # noqa: N818 - as above
    """An account's simulator does not run; nothing was sent. A daemon goes on asking, for it may be started yet."""


class UnknownOutcome(ChannelError):  # noqa: N818 - an event, not a mistake
    """A write was sent and no usable answer came back."""


class RejectedError(ChannelError):
    """The channel refuses the content; sending it again unchanged is useless."""
