"""`orders_fields.toml`: what becomes of each leaf of Amazon's order."""

import tomllib
from pathlib import Path

from connectors.amazon_sp.tests.orders.leaves import found, has_arrived
from entrepot.sync.records import without
from entrepot_amazon_sp.mapping.personal import PII_PATHS

FIELDS = tomllib.loads((Path(__file__).parent / "orders_fields.toml").read_text("utf-8"))
SAME, COMPUTED, PERSONAL, RAW = (FIELDS[name] for name in ("same", "computed", "personal", "raw"))
ADDRESS_LINES = [f"recipient.deliveryAddress.addressLine{number}" for number in (1, 2, 3)]
MAPPED_PERSONAL = {leaf: path for leaf, path in PERSONAL.items() if path and leaf not in ADDRESS_LINES}

STANDS_IN = {
    "lines[].offer",  # Amazon's own number where it tells no SKU
    "total.amount",  # the sum of the lines' totals where it tells none for the order
    "total.currency",
}
"""What our order says although Amazon does not tell it."""


def cut(record):
    """A record without personal data, as the core makes it before it keeps it."""
    for path in PII_PATHS:
        record = without(record, path.split("."))
    return record


def lost_personal(document, order):
    """As `lost`, of a record from which nothing was cut."""
    yield from lost(document, order, MAPPED_PERSONAL)
    told = [line for leaf in ADDRESS_LINES for line in found(document, leaf) if line]
    if told != found(order, "recipient.address.lines[]"):
        yield ADDRESS_LINES, told, order.recipient


def lost(document, order, dispositions=SAME):
    """Leaves whose values an order of ours does not have, with both."""
    for leaf, path in dispositions.items():
        told, values = found(document, leaf), found(order, path)
        pairs = zip(told, values, strict=False)
        wrong = [pair for pair in pairs if not has_arrived(*pair) and not (path in STANDS_IN and not pair[0])]
        if wrong or len(told) != len(values):
            yield leaf, told, values
