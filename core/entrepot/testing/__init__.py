"""What a channel's author tests with: the contract, the double of a shop, strategies. Needs `entrepot[testing]`."""

import pytest

pytest.register_assert_rewrite("entrepot.testing.contract")

from entrepot.channel import Json  # noqa: E402 - after the registration
from entrepot.simulation.doubles.call import (  # noqa: E402 - as above
    Answer,
    Call,
    Refusal,
)
from entrepot.simulation.doubles.routes import route  # noqa: E402 - as above
from entrepot.simulation.doubles.shop import ShopDouble  # noqa: E402 - as above
from entrepot.simulation.markets.paging import CursorError, Found, PageFault  # noqa: E402 - as above
from entrepot.testing.contract import ConnectorContract  # noqa: E402 - as above

__all__ = [
    "Answer",
    "Call",
    "ConnectorContract",
    "CursorError",
    "Found",
    "Json",
    "PageFault",
    "Refusal",
    "ShopDouble",
    "route",
]
