"""The data sets of an order (`includedData`), and which are left out where Amazon refuses some.

Some sellers are answered 403 whatever is asked for, and a region has refused a single valid value for a day.
"""

import re
from collections.abc import Sequence

from entrepot.channel import ChannelError, DataRefused

ORDER_DATA = (
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
)
"""Every one but BUYER and RECIPIENT. What TAX tells of people is cut out by `pii_paths`."""

STEPS = (
    ("TAX", "PAYMENT", "FULFILLMENT_ORDERS"),  # need a role, or came last
    ("EXPENSE", "PROMOTION", "CANCELLATION", "PACKAGES"),
    ("PROCEEDS",),
    ("FULFILLMENT",),  # the status, and who sends the goods: without it every unit is held back
)
"""What is left out first, next, ... where a refusal names nothing."""

BAD_REQUEST, FORBIDDEN = 400, 403

OTHER_REASONS = ("region", "suspended")
"""In the words of a 403 that no data set is the reason of."""


def asked_for(without: Sequence[str]) -> str | None:
    """The parameter; None where nothing is left to ask for."""
    return ",".join(name for name in ORDER_DATA if name not in without) or None


def refused_data(refused: ChannelError, without: Sequence[str]) -> DataRefused | None:
    """What to leave out from now on; None where the data sets are not the reason, or none is left."""
    if refused.status == BAD_REQUEST:
        more = _named(refused.details, without) or (_step(without) if "includedData" in refused.details else ())
    elif refused.status == FORBIDDEN and not any(word in refused.details.lower() for word in OTHER_REASONS):
        more = _step(without)
    else:
        more = ()
    return DataRefused(refused, (*without, *more)) if more else None


def _named(words: str, without: Sequence[str]) -> tuple[str, ...]:
    """Of what was asked for."""
    return tuple(name for name in ORDER_DATA if name not in without and re.search(rf"\b{name}\b", words))


def _step(without: Sequence[str]) -> tuple[str, ...]:
    """The next step that leaves out something more."""
    left = (tuple(name for name in step if name not in without) for step in STEPS)
    return next((names for names in left if names), ())
