"""Instants as Amazon writes them."""

from datetime import UTC, datetime, timedelta

from entrepot.model import utc

MILLISECOND = timedelta(milliseconds=1)
"""The finest that Amazon's times tell."""


def read(text: str) -> datetime:
    """ISO 8601. A time without an offset and a day are taken as UTC, which is a guess. Raises ValueError."""
    try:
        found = datetime.fromisoformat(text)
        return utc(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (TypeError, OverflowError) as error:
        raise ValueError(text) from error


def with_offset(moment: datetime) -> str:
    """As in reports: whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def instant(moment: datetime) -> str:
    return utc(moment).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
