"""What an answer says of the limit that its request spent."""

from datetime import datetime, timedelta

from attrs import frozen


@frozen
class Observed:
    """`rate`: what the channel says it allows, per second, unchecked. `refused`: it said no for frequency.

    `bucket`: the application's bucket that a refusal names; "" for the account's own. `retry_after` as the channel
    says.
    """

    limit: str
    sent_at: datetime
    rate: float | None = None
    refused: bool = False
    bucket: str = ""
    retry_after: timedelta | None = None
