"""What a failed case says in its first line: what happened, and what to do next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from attrs import frozen

from entrepot.channel import ChannelError, RecordError
from entrepot.model import Order
from entrepot.simulation.shop import ShopDouble
from entrepot.testing.comparison import Difference, Pair, differences
from entrepot.testing.trial import Trial


@frozen
class Declaration:
    """What a double may say of its shop: which fields differ where it forgets to, and how it is said."""

    fields: frozenset[str]
    made: Callable[[type[ShopDouble]], bool]
    words: str


FORGOTTEN = (
    Declaration(
        frozenset({"lines.shipped", "lines.cancelled"}),
        lambda shop: not shop.partial,
        "a shop that sends and cancels whole orders only says `partial = False` in its double",
    ),
    Declaration(
        frozenset({"lines.gross", "lines.tax", "lines.discount"}),
        lambda shop: shop.unit_prices,
        "a shop that tells prices of one unit says `unit_prices = True` in its double",
    ),
    Declaration(
        frozenset({"placed_at", "changed_at", "packages"}),
        lambda shop: shop.resolution > timedelta.resolution,
        "a shop that writes whole seconds says `resolution = timedelta(seconds=1)` in its double",
    ),
)

UNPAID = "an unpaid order has no prices: read null; a shop that shows none says `unpaid = False` in its double"
"""Whatever a document cannot be read for, where it has nothing in the place of a value."""


@contextmanager
def raises(error: type[ChannelError], otherwise: str) -> Iterator[None]:
    """As `pytest.raises`, for a reader who needs to know what to do `otherwise`."""
    try:
        yield
    except error:
        return
    except ChannelError as other:
        message = f"{type(other).__name__} in place of {error.__name__}: {other}. Next: {otherwise}"
        raise AssertionError(message) from other
    message = f"{error.__name__} is not raised. Next: {otherwise}"
    raise AssertionError(message)


def assert_same(pairs: Sequence[Pair], shop: type[ShopDouble]) -> None:
    """Each order of the shop was mapped as it is."""
    found = differences(pairs)
    assert not found, _worded(found, shop)


def assert_complete(trial: Trial, told: Sequence[Order], otherwise: str) -> None:
    """Every order of the shop was told, and its newest version is the shop's."""
    newest = trial.latest(told)
    assert_told(trial.shop.orders, newest, otherwise)
    assert_same([(order, newest[number]) for number, order in trial.shop.orders.items()], type(trial.shop))


def assert_told(orders: Mapping[str, Order], newest: Mapping[str, Order], otherwise: str) -> None:
    missing = [number for number in orders if number not in newest]
    assert not missing, f"{len(missing)} of {len(orders)} orders are not told, {missing[0]} first. Next: {otherwise}"
    strange = [number for number in newest if number not in orders]
    assert not strange, f"{strange[0]} is no number of the shop. Next: map `external_id` from what the double words"


def explain(unmapped: RecordError, shop: type[ShopDouble]) -> None:
    """Add what to do next to the words of the error."""
    hint = f"; {UNPAID}" if "found nothing" in str(unmapped) and shop.unpaid else ""
    unmapped.args = (f"{unmapped}. Next: make wire.py and mapping.py read what the double words{hint}",)


def _worded(found: Sequence[Difference], shop: type[ShopDouble]) -> str:
    fields = {difference.field for difference in found}
    hints = [one.words for one in FORGOTTEN if one.fields & fields and not one.made(shop)]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0]}{more}. Next: {'; '.join(['make mapping.py and the double agree', *hints])}"
