"""`config schema`: what an editor completes and checks plugins.toml with."""

import click

from entrepot.cli.context import Home, pass_home
from entrepot.cli.show import to_json
from entrepot.config.schema import schema as schema_of


@click.group()
def config() -> None:
    """The form of plugins.toml."""


@config.command()
@pass_home
def schema(home: Home) -> None:
    """The JSON Schema of plugins.toml, with the settings of each enabled plugin, for completion in editors.

    Write it to a file, and `#:schema ./FILE` into the first line of plugins.toml.
    """
    click.echo(to_json(schema_of(home.plugins.channels)))
