"""Instants as Amazon writes them."""

from datetime import UTC, datetime, timedelta

from entrepot.model import utc

MILLISECOND = timedelta(milliseconds=1)
"""The finest that Amazon's times tell."""


def with_offset(moment: datetime) -> str:
    """As in reports: whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def instant(moment: datetime) -> str:
    return utc(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
