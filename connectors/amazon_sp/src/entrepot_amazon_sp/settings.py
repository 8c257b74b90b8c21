"""An account's `settings` table in plugins.toml."""

from attrs import frozen

from entrepot import channel


@frozen
class AmazonSettings:
    """`seller_id` is the merchant token of Seller Central; the other three are of the application and its consent."""

    seller_id: str
    client_id: str
    client_secret: channel.Secret
    refresh_token: channel.Secret
