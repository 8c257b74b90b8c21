"""`entrepot amazon`: what is done once for an application or a seller."""

import click

from entrepot_amazon_sp.commands.authorizing import authorize
from entrepot_amazon_sp.commands.rotating import rotate_secret


@click.group()
def amazon() -> None:
    """Amazon's Selling Partner API: a seller's consent, the application's secret."""


amazon.add_command(authorize)
amazon.add_command(rotate_secret)
