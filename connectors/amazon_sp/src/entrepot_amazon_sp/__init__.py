"""Amazon's Selling Partner API as a channel of Entrepot, and its client on its own."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from entrepot import channel, hookimpl

if TYPE_CHECKING:
    import click

    from entrepot_amazon_sp.facts import AMAZON
    from entrepot_amazon_sp.retirement import RetirementWarning
    from entrepot_amazon_sp.selling_partner import SellingPartner
    from entrepot_amazon_sp.settings import AmazonSettings

__all__ = ["AMAZON", "AmazonSettings", "RetirementWarning", "SellingPartner", "register_channels", "register_commands"]

_MODULES = {
    "AMAZON": "facts",
    "AmazonSettings": "settings",
    "RetirementWarning": "retirement",
    "SellingPartner": "selling_partner",
}


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    from entrepot_amazon_sp.facts import AMAZON  # noqa: PLC0415 - as `__getattr__` says

    return [AMAZON]


@hookimpl
def register_commands(cli: "click.Group") -> None:
    """The commands are imported late: a daemon goes without."""
    from entrepot_amazon_sp.commands import amazon  # noqa: PLC0415 - as said

    cli.add_command(amazon)


def __getattr__(name: str) -> Any:
    """Each name is imported when it is asked for: the client brings httpx, the channel all that it maps."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
