"""Instants as Amazon writes them."""

from datetime import datetime, timedelta

from entrepot.model import utc

MILLISECOND = timedelta(milliseconds=1)
"""The finest that Amazon's times tell."""


def instant(moment: datetime) -> str:
    return utc(moment).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
