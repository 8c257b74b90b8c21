"""Amazon's Selling Partner API as a channel of Entrepot, and its client on its own."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from entrepot import channel, hookimpl
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.settings import AmazonSettings

if TYPE_CHECKING:
    from entrepot_amazon_sp.retirement import RetirementWarning
    from entrepot_amazon_sp.selling_partner import SellingPartner

__all__ = ["AMAZON", "AmazonSettings", "RetirementWarning", "SellingPartner", "register_channels"]

LATE = {"RetirementWarning": "retirement", "SellingPartner": "selling_partner"}
"""Names of the client, and their modules."""


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    return [AMAZON]


def __getattr__(name: str) -> Any:
    """The client is imported late: it brings httpx, and a command that only reads the store goes without."""
    if name not in LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{LATE[name]}"), name)
