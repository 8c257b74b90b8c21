"""Amazon's Selling Partner API as a channel of Entrepot, and its client on its own."""

from typing import TYPE_CHECKING, Any

from entrepot import channel, hookimpl
from entrepot_amazon_sp.facts import AMAZON
from entrepot_amazon_sp.settings import AmazonSettings

if TYPE_CHECKING:
    import click

    from entrepot_amazon_sp.selling_partner import SellingPartner

__all__ = ["AMAZON", "AmazonSettings", "SellingPartner", "register_channels", "register_commands"]


@hookimpl
def register_channels() -> list[channel.ChannelType]:
    return [AMAZON]


@hookimpl
def register_commands(cli: "click.Group") -> None:
    """The commands are imported late: a daemon goes without."""
    from entrepot_amazon_sp.commands import amazon  # noqa: PLC0415 - as said

    cli.add_command(amazon)


def __getattr__(name: str) -> Any:
    """The client is imported late: it brings httpx, and a command that only reads the store goes without."""
    if name != "SellingPartner":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from entrepot_amazon_sp.selling_partner import SellingPartner  # noqa: PLC0415 - as said

    return SellingPartner
