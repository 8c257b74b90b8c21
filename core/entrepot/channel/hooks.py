"""Door 1: the hooks of a plugin module. Few, and each registers something or observes.

Observers are `async def`. They are fed from the outbox after the commit, at least once, in order per subject; one
that fails is tried again with growing pauses for that subject, while other subjects and other observers go on.
"""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

    from entrepot.channel.facts import ChannelType
    from entrepot.channel.stock_source import StockSource
    from entrepot.model import Event

PROJECT = "entrepot"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class PluginHooks:
    """Implemented by plugin modules, with `@hookimpl`."""

    @hookspec
    def register_channels(self) -> "list[ChannelType]":  # type: ignore[empty-body]  # a specification has no body
        """The channels that this plugin brings."""

    @hookspec
    def register_stock_sources(self) -> "list[StockSource]":  # type: ignore[empty-body]  # a specification has no body
        """The systems from which this plugin brings counts of stock. `run` asks each at its start, then each period."""

    @hookspec
    def register_commands(self, cli: "click.Group") -> None:
        """Add commands to `entrepot`: a group that bears the plugin's name. They are lent `channel.Accounts`."""

    @hookspec
    async def order_changed(self, event: "Event") -> None:
        """An order was seen for the first time, or a newer version of it was stored."""

    @hookspec
    async def stock_changed(self, event: "Event") -> None:
        """On hand or reserved units of an article changed."""

    @hookspec
    async def oversell_risk_detected(self, event: "Event") -> None:
        """More units of an article are promised than are there."""

    @hookspec
    async def quantity_published(self, event: "Event") -> None:
        """A quantity that was sent has been read back from the channel."""

    @hookspec
    async def push_failed(self, event: "Event") -> None:
        """A channel rejected a quantity."""

    @hookspec
    async def offer_drifted(self, event: "Event") -> None:
        """A channel shows a quantity that we did not write, and no order explains it."""

    @hookspec
    async def stream_health_changed(self, event: "Event") -> None:
        """A stream began to fail, or works again."""

    @hookspec
    async def problem_opened(self, event: "Event") -> None:
        """Something needs a person."""

    @hookspec
    async def problem_closed(self, event: "Event") -> None:
        """It no longer does."""
