"""How Amazon's answers are read: by the channel, and by the client, which goes without the rest of the channel."""

from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

from entrepot.channel import STANDARD_ERRORS, ChannelError, Json, Meaning, standard_error_code
from entrepot_amazon_sp.buckets import refused_bucket
from entrepot_amazon_sp.meanings import MEANINGS


@frozen
class Refusals:
    """The fields of a `channel.ChannelType` with these names."""

    errors: Mapping[int | tuple[int, str], type[ChannelError]]
    meanings: Sequence[Meaning]
    error_code: Callable[[Json], str]
    rate_header: str
    refused_bucket: Callable[[Json], str]


REFUSALS = Refusals(
    STANDARD_ERRORS,
    MEANINGS,
    standard_error_code,
    rate_header="x-amzn-RateLimit-Limit",
    refused_bucket=refused_bucket,
)
