"""An account's `settings` table in plugins.toml."""

from datetime import date
from typing import Any

from attrs import Attribute, field, frozen
from attrs.converters import optional

from entrepot import channel


def _secret(value: channel.Secret | str) -> channel.Secret:
    return channel.Secret(value) if isinstance(value, str) else value


def _check(_: object, attribute: "Attribute[Any]", value: object) -> None:
    """The message says nothing of the value: it may be a secret all the same."""
    if not isinstance(value, channel.Secret) and not (value is None and attribute.default is None):
        found = type(value).__name__
        raise TypeError(f"{attribute.name} is a Secret or a text, not {found}. Next: Secret(...) around the text")


@frozen
class AmazonSettings:
    """`seller_id` is the merchant token of Seller Central; the rest is of the application and its consent.

    `refresh_token` None is the one that `entrepot amazon authorize` has kept. `previous_client_secret` is used where
    Amazon refuses `client_secret`, which was created on `client_secret_created`. `application_id` and `redirect_uri`
    are needed for authorizing only. A plain text becomes a Secret; another kind of value is a TypeError.
    """

    seller_id: str
    client_id: str
    client_secret: channel.Secret = field(converter=_secret, validator=_check)
    refresh_token: channel.Secret | None = field(default=None, converter=optional(_secret), validator=_check)
    previous_client_secret: channel.Secret | None = field(default=None, converter=optional(_secret), validator=_check)
    client_secret_created: date | None = None
    application_id: str = ""
    redirect_uri: str = ""
