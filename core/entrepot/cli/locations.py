"""The merchant's locations, as a person names them."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from entrepot.cli.context import Home, unknown
from entrepot.cli.exits import Refused
from entrepot.model import LocationId, held_by

location_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--location", metavar="NAME", help="Where, of [locations]. Needed where there are several."
)


def own_location(home: Home, name: str | None) -> LocationId:
    """Where the merchant says; the only one where there is one. Raises Refused, with the nearest name."""
    locations = home.config.locations
    if name is None:
        if locations.only is None:
            raise click.UsageError(f"say where: --location {' | '.join(locations.own)}")
        return locations.only
    found = LocationId(name)
    if found in locations.held:
        raise Refused(f"{name} is held by {locations.held[found]}: what is there the channel says, and nobody else")
    if found not in locations.own:
        raise unknown("location", name, locations.own)
    return found


def held_names(home: Home) -> Mapping[LocationId, str]:
    """What the merchant calls the locations that channels hold."""
    return {held_by(account): name for name, account in home.config.locations.held.items()}
