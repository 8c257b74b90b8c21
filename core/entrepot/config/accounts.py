"""One `[accounts.ID]` table."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from entrepot.channel import ChannelType, Environment, Reads
from entrepot.config.addresses import LOOPBACK, split
from entrepot.config.codes import NOT_IN_PLACE
from entrepot.config.convert import nearest, seconds
from entrepot.config.credentials import Credentials
from entrepot.config.model import AccountConfig, OrdersConfig
from entrepot.config.references import SecretReader
from entrepot.config.table import Table
from entrepot.errors import Fault
from entrepot.model import AccountId, Publish
from entrepot.quota.overspending import overspending

_USUAL_FRESHNESS = timedelta(seconds=60)


@frozen
class Surroundings:
    """What an account's table refers to. `broken_plugins`: a channel may be unknown for a reason told elsewhere."""

    folder: Path
    channels: Mapping[str, ChannelType]
    env: Mapping[str, str]
    time_zone: ZoneInfo
    broken_plugins: bool
    credentials: Credentials
    warnings: list[Fault] = field(factory=list)


def read_account(name: str, table: Table, around: Surroundings) -> AccountConfig | None:
    """The account, or None where a fault was noted that leaves nothing to build."""
    account = AccountId(name)
    # Without [settings], what the channel requires of them is missed key by key.
    table = around.credentials.merged(Table({"settings": {}} | dict(table.values), table.prefix, table.faults))
    channel = _channel(table, around)
    marketplaces = table.read("marketplaces", tuple[str, ...], ())
    publish = table.read("publish", Publish, Publish.SHADOW)
    environment = _environment(table)
    time_scale = _time_scale(table, environment)
    simulator = _simulator(table, environment)
    if channel is not None:
        _check_simulated(table, channel, simulator, time_scale)
    orders = _orders(table, channel, around)
    offers = _offers(table, around.folder)
    monthly_gets = table.whole("monthly_gets", default=None, least=1)
    before = len(table.faults)
    reader = SecretReader(f"account {name!r}", environment, around.env, around.folder)
    settings = _settings(table, channel, reader)
    found = around.credentials.relocate(table, before)
    missing = tuple(fault for fault in found if fault.code == NOT_IN_PLACE)
    table.close()
    if channel is None or (settings is None and not missing):
        return None
    return AccountConfig(
        account,
        channel,
        marketplaces,
        publish,
        environment,
        time_scale,
        simulator,
        orders,
        settings,
        offers,
        missing,
        monthly_gets,
    )


def is_id(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) is not None


def check_id(accounts: Table, name: str) -> None:
    """An account's id is typed in commands and stands in logs."""
    if not is_id(name):
        accounts.refuse(name, "E105", f"{name!r} is no account id", "use letters, digits, - and _")


def _channel(table: Table, around: Surroundings) -> ChannelType | None:
    name = table.require("channel", str)
    if name is None or name in around.channels:
        return None if name is None else around.channels[name]
    next_action = nearest(name, around.channels) or "enable the plugin that brings it in [plugins]"
    if around.broken_plugins:
        next_action = "correct the faults of [plugins] first"
    table.refuse("channel", "E106", f"no enabled plugin brings channel {name!r}", next_action)
    return None


def _environment(table: Table) -> Environment:
    """Where it is misspelled, the one that allows most, so that one mistake is one fault."""
    return table.read("environment", Environment, None) or (
        Environment.SIMULATOR if "environment" in table.values else Environment.PRODUCTION
    )


def _time_scale(table: Table, environment: Environment) -> int:
    scale = table.whole("time_scale", default=1, least=1)
    if scale > 1 and environment is not Environment.SIMULATOR:
        message = f'time_scale = {scale} with environment = "{environment}"'
        table.refuse("time_scale", "E108", message, 'take it out, or set environment = "simulator"')
        return 1
    return max(scale, 1)


def _simulator(table: Table, environment: Environment) -> str | None:
    url = table.read("simulator", str, None)
    if url is None:
        return None
    if environment is not Environment.SIMULATOR:
        message = f'a simulator\'s address with environment = "{environment}"'
        table.refuse("simulator", "E111", message, 'take it out, or set environment = "simulator"')
    elif not _on_this_machine(url):
        table.refuse("simulator", "E111", f"{url!r} is not on this machine", 'write "http://127.0.0.1:PORT"')
    return url.rstrip("/")


def _check_simulated(table: Table, channel: ChannelType, simulator: str | None, time_scale: int) -> None:
    """Is there something to talk to, and can it be talked to at that speed?"""
    wanted = table.values.get("environment") == Environment.SIMULATOR
    if wanted and channel.simulator is None and simulator is None:
        message = f"channel {channel.id!r} has no simulator"
        next_action = 'take it out, or name the address of one: simulator = "http://127.0.0.1:PORT"'
        table.refuse("environment", "E113", message, next_action)
    for found in overspending(channel, time_scale):
        message = f"at time_scale = {time_scale}, {found}"
        table.refuse("time_scale", "E112", message, "write a smaller number")


def _on_this_machine(url: str) -> bool:
    parts = split(url)
    if parts is None or parts.scheme != "http" or parts.hostname not in LOOPBACK or not parts.port:
        return False
    return parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)


def _orders(table: Table, channel: ChannelType | None, around: Surroundings) -> OrdersConfig:
    """In the channel's own time; `time_scale` divides the limits' periods and this pause alike, later."""
    orders = table.table("orders")
    since = orders.read("since", date, None)
    freshness = orders.read("freshness", timedelta, None)
    orders.close()
    facts = channel.operations.get("fetch_orders") if channel else None
    reachable = timedelta()
    if channel and isinstance(facts, Reads):
        reachable = _pause(channel, facts)
        if freshness and freshness < reachable:
            where = orders.at("freshness")
            around.warnings.append(_too_fresh(where, channel.id, freshness, reachable, facts.settle_lag))
    return OrdersConfig(_start(since, around.time_zone), freshness or max(_USUAL_FRESHNESS, reachable))


def _offers(table: Table, folder: Path) -> Path | None:
    """Its lines are looked at when they are taken: a slip in one of them stops no daemon."""
    name = table.read("offers", str, None)
    if name is not None and not (folder / name).is_file():
        table.refuse("offers", "E115", f"there is no file {name!r}", "create it: entrepot offers match writes one")
    return folder / name if name is not None else None


def _start(since: date | None, time_zone: ZoneInfo) -> datetime | None:
    if since is None or isinstance(since, datetime):
        return since
    return datetime.combine(since, time(), time_zone).astimezone(UTC)


def _pause(channel: ChannelType, facts: Reads) -> timedelta:
    """The shortest pause between two looks that the channel's limits sustain."""
    periods = [channel.limits[limit].period * tokens for limit, tokens in facts.spends.items()]
    return max(periods, default=timedelta())


def _too_fresh(path: str, channel: str, wanted: timedelta, reachable: timedelta, lag: timedelta) -> Fault:
    message = (
        f"the limits of channel {channel!r} allow one look per {seconds(reachable)}, not per {seconds(wanted)}; "
        f"besides, it shows a change up to {seconds(lag)} late"
    )
    return Fault("W101", path, message, f'write "{math.ceil(reachable.total_seconds())}s" or longer')


def _settings(table: Table, channel: ChannelType | None, secrets: SecretReader) -> Any:
    """None where there is a fault, or no class to tell."""
    if channel is None:
        table.table("settings")
        return None
    return table.read("settings", channel.settings, None, converter=secrets.converter())
