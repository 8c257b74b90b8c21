"""Which Amazon the client on its own talks to: the real one, Amazon's sandbox, or a simulator on this machine."""

from urllib.parse import urlsplit

from entrepot.channel import Environment
from entrepot.http import Rerouted, Transport
from entrepot.model import AccountId
from entrepot_amazon_sp.places import REGIONS, place_of
from entrepot_amazon_sp.settings import AmazonSettings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

REAL = ("Atzr|", "amzn1.oa2-cs.")
"""How refresh tokens and client secrets of Login with Amazon begin."""


def host_of(region: str, environment: Environment) -> str:
    """The endpoint; a simulator goes by the name of the real one. Raises ValueError for an unknown region."""
    if region not in REGIONS:
        raise _no_region(region)
    found = REGIONS[region]
    return found.sandbox if environment is Environment.SANDBOX else found.endpoint


def _no_region(name: str) -> ValueError:
    place, upper = place_of(name), str(name).upper()
    if upper in REGIONS:
        return ValueError(f"Amazon has no region {name!r}. Next: write {upper!r}")
    if place is not None:
        return ValueError(f"{name!r} is no region: {place.code} is a store of {place.region}. Next: {place.region!r}")
    return ValueError(f"Amazon has no region {name!r}. Next: choose from {', '.join(REGIONS)}")


def transport_to(
    settings: AmazonSettings, environment: Environment, simulator: str | None, transport: Transport | None
) -> Transport | None:
    """The way to that Amazon, tokens and documents included; None is the real network.

    Raises ValueError for a simulator's address with another environment, or elsewhere than on this machine, for the
    simulator without a way to one, and for real credentials on that way.
    """
    if environment is not Environment.SIMULATOR:
        if simulator is not None:
            next_action = "leave it out, or choose Environment.SIMULATOR"
            raise ValueError(f"a simulator's address with environment {environment}. Next: {next_action}")
        return transport
    for name in ("refresh_token", "client_secret", "previous_client_secret"):
        secret = getattr(settings, name)
        if secret is not None and secret.reveal().startswith(REAL):
            raise ValueError(f"{name} is a credential of the real Amazon, given to a simulator. Next: invent one")
    if simulator is None:
        if transport is None:
            raise ValueError('no way to a simulator. Next: simulator="http://127.0.0.1:PORT"')
        return transport
    port = _port_of(simulator)
    start = (
        f"entrepot simulator ACCOUNT --port {port}, with an account of your plugins.toml; where you have none, "
        "`entrepot init --channel amazon_sp --account amazon --environment simulator` writes one"
    )
    return Rerouted(simulator, AccountId(settings.seller_id), start)


def _port_of(simulator: str) -> int:
    parts = urlsplit(simulator)
    here = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not here or not parts.port or parts.path.strip("/") or parts.query or parts.username:
        raise ValueError(f"{simulator!r} is no address on this machine. Next: write http://127.0.0.1:PORT")
    return parts.port
