"""What a failed case says in its first line: what happened, and what to do next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from attrs import frozen

from entrepot.channel import ChannelError, RecordError
from entrepot.model import Order
from entrepot.simulation.doubles.shop import ShopDouble
from entrepot.testing.comparison import Difference, Pair, differences
from entrepot.testing.trial import Trial


@frozen
class Declaration:
    """What a double may say of its shop: which fields differ where it forgets to, or what errors then say."""

    made: Callable[[type[ShopDouble]], bool]
    words: str
    fields: frozenset[str] = frozenset()
    says: tuple[str, ...] = ()


DECLARATIONS = (
    Declaration(
        lambda shop: not shop.partial,
        "a shop that sends and cancels whole orders only says `partial = False` in its double",
        fields=frozenset({"lines.shipped", "lines.cancelled"}),
    ),
    Declaration(
        lambda shop: shop.priced_early or not shop.unpaid,
        "an unpaid order has no prices, read null; a shop that shows none says `unpaid = False` in its double, "
        "one that shows them with their prices `priced_early = True`",
        says=("found nothing", "'NoneType'"),
    ),
    Declaration(
        lambda shop: shop.unit_prices,
        "a shop that tells prices of one unit says `unit_prices = True` in its double",
        fields=frozenset({"lines.gross", "lines.tax", "lines.discount"}),
        says=("amount of money",),
    ),
    Declaration(
        lambda shop: bool(shop.tax_rates),
        'a shop that tells the rate of a tax names its rates in its double, `tax_rates = ("19", "7")`',
        fields=frozenset({"lines.tax"}),
    ),
    Declaration(
        lambda shop: shop.resolution > timedelta.resolution,
        "a shop that writes whole seconds or milliseconds says so in its double, `resolution = timedelta(seconds=1)`",
        fields=frozenset({"placed_at", "changed_at", "packages"}),
    ),
    Declaration(
        lambda shop: shop.order_number is not ShopDouble.order_number,
        "a shop whose orders have numbers of its own says which in `order_number` of its double",
        says=("invalid literal for int()",),
    ),
)


PORTION = (
    "Next: take all of `request.items`, `request.offers` or `request.ids`; "
    "where the shop takes one at a time, say `batch_size=1` or `page_size=1` in the facts"
)


START_LEFT_OUT = (
    "where the shop leaves the start itself out (`updated_after`), ask from one tick before it, "
    "see `A start that is left out` in the guide"
)

ANSWERED = "Next: let the connector send what the double's route takes, and read what it answers (wire.py)"
ACCEPTED = "Next: send the write as the double asks for it, or mend the route that refuses it"


def unheard(trial: Trial, found: str, otherwise: str) -> str:
    """The words of a case that loses a write's answer: where the double refused the write, that comes first."""
    if trial.heard.refused:
        return f"the double refused {trial.heard.refused}, which the connector never heard: {found}. {ACCEPTED}"
    return f"{found}. {otherwise}"


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
    assert_told(trial, newest, otherwise)
    assert_same([(order, newest[number]) for number, order in trial.shop.orders.items()], type(trial.shop))


def assert_told(trial: Trial, newest: Mapping[str, Order], otherwise: str) -> None:
    orders = trial.shop.orders
    missing = [number for number in orders if number not in newest]
    asked = "" if newest else f"; the double was last asked {trial.heard.last}"
    told = f"{len(missing)} of {len(orders)} orders are not told"
    assert not missing, f"{told}, {missing[0]} first{asked}. Next: {otherwise}"
    strange = [number for number in newest if number not in orders]
    assert not strange, f"{strange[0]} is no number of the shop. Next: map `external_id` from what the double words"


def explain(unmapped: RecordError, shop: type[ShopDouble]) -> None:
    """Add what to do next to the words of the error."""
    hints = _hints(unmapped, shop)
    unmapped.args = (f"{unmapped}. {_next('make wire.py and mapping.py read what the double words', hints)}",)


def explain_double(error: Exception, shop: type[ShopDouble]) -> None:
    """Add to the words of an error of the double's own what it may have forgotten to declare."""
    hints = _hints(error, shop)
    if hints:
        error.args = (f"{error}. {_next('mend the route', hints)}",)


def explain_answer(unwanted: ChannelError) -> None:
    """Add what to do next to an error that no case has asked for, where it does not say so itself."""
    if "Next: " not in str(unwanted):
        unwanted.args = (f"{unwanted}. {ANSWERED}",)


def explain_portion(error: ValueError) -> None:
    """Add what to do where a connector takes one item, `[item] = request.items`, and gets several."""
    if "to unpack" in str(error):
        error.args = (f"{error}. {PORTION}",)


def _hints(error: Exception, shop: type[ShopDouble]) -> list[str]:
    return [one.words for one in DECLARATIONS if any(say in str(error) for say in one.says) and not one.made(shop)]


def _worded(found: Sequence[Difference], shop: type[ShopDouble]) -> str:
    fields = {difference.field for difference in found}
    hints = [one.words for one in DECLARATIONS if one.fields & fields and not one.made(shop)]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{found[0]}{more}. {_next('make mapping.py and the double agree', hints)}"


def _next(action: str, hints: Sequence[str]) -> str:
    return f"Next: {'; '.join([action, *hints])}"
