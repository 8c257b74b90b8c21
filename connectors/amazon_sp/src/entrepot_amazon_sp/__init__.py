"""Amazon's Selling Partner API as a channel of Entrepot, and its client on its own."""

from importlib import import_module
from typing import TYPE_CHECKING

from entrepot import channel, hookimpl

if TYPE_CHECKING:
    import click

    from entrepot.channel import Environment, Secret
    from entrepot_amazon_sp.facts import AMAZON
    from entrepot_amazon_sp.places import PLACES
    from entrepot_amazon_sp.retirement import RetirementWarning
    from entrepot_amazon_sp.selling_partner import SellingPartner
    from entrepot_amazon_sp.settings import AmazonSettings

__all__ = [
    "AMAZON",
    "PLACES",
    "AmazonSettings",
    "Environment",
    "RetirementWarning",
    "Secret",
    "SellingPartner",
    "register_channels",
    "register_commands",
]

_MODULES = {
    "AMAZON": "entrepot_amazon_sp.facts",
    "AmazonSettings": "entrepot_amazon_sp.settings",
    "Environment": "entrepot.channel",
    "PLACES": "entrepot_amazon_sp.places",
    "RetirementWarning": "entrepot_amazon_sp.retirement",
    "Secret": "entrepot.channel",
    "SellingPartner": "entrepot_amazon_sp.selling_partner",
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


def __getattr__(name: str) -> object:
    """Each name is imported when it is asked for: the client brings httpx, the channel all that it maps."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """What is public, before it is asked for as well."""
    return __all__
