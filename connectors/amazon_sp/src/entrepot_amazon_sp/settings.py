"""An account's `settings` table in plugins.toml."""

from datetime import date

from attrs import frozen

from entrepot import channel


@frozen
class AmazonSettings:
    """`seller_id` is the merchant token of Seller Central; the rest is of the application and its consent.

    `refresh_token` None is the one that `entrepot amazon authorize` has kept. `previous_client_secret` is used where
    Amazon refuses `client_secret`, which was created on `client_secret_created`. `application_id` and `redirect_uri`
    are needed for authorizing only.
    """

    seller_id: str
    client_id: str
    client_secret: channel.Secret
    refresh_token: channel.Secret | None = None
    previous_client_secret: channel.Secret | None = None
    client_secret_created: date | None = None
    application_id: str = ""
    redirect_uri: str = ""
