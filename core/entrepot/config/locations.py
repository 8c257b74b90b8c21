"""`[locations]`: where the merchant's units lie, and which of them a channel holds."""

import re
from collections.abc import Iterable

from attrs import frozen

from entrepot.config.convert import nearest
from entrepot.config.model import Locations
from entrepot.config.table import Table
from entrepot.model import DEFAULT_LOCATION, AccountId, LocationId

LAST = 1_000_000
"""The priority of a location that has none."""

_OWN_KEYS = ("country", "priority")


@frozen
class _Told:
    name: LocationId
    priority: int
    held_by: AccountId | None


def read_locations(root: Table, accounts: Iterable[str]) -> Locations:
    """Without own locations there is one, as without the table."""
    table, known = root.table("locations"), list(accounts)
    told = [_location(table, name, known) for name in table.values]
    own = sorted((one for one in told if one.held_by is None), key=lambda one: one.priority)
    holders = [one.held_by for one in told]
    for one in told:
        if one.held_by is not None and holders.count(one.held_by) > 1:
            message = f"{one.held_by} holds more than one location"
            table.refuse(f"{one.name}.held_by", "E105", message, "name one: a channel's units are one number here")
    return Locations(
        own=tuple(one.name for one in own) or (DEFAULT_LOCATION,),
        held={one.name: one.held_by for one in told if one.held_by is not None},
    )


def _location(table: Table, name: str, accounts: list[str]) -> _Told:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        table.refuse(name, "E105", f"{name!r} is no name of a location", "use letters, digits, - and _")
    one = table.table(name)
    country = one.read("country", str, None)
    if country is not None and not re.fullmatch("[A-Z]{2}", country):
        one.refuse("country", "E105", f"{country!r:.20} is no country code", 'write two letters: "DE"')
    priority = one.whole("priority", default=LAST, least=1)
    holder = one.read("held_by", str, None)
    if holder is not None:
        _check_held(one, holder, accounts)
    one.close()
    return _Told(LocationId(name), priority, None if holder is None else AccountId(holder))


def _check_held(one: Table, holder: str, accounts: list[str]) -> None:
    if holder not in accounts:
        action = nearest(holder, accounts) or "take it out"
        one.refuse("held_by", "E116", f"there is no account {holder!r}", action)
    for key in _OWN_KEYS:
        if key in one.values:
            one.refuse(key, "E105", "no order is taken from what a channel holds", "take it out, or held_by")
