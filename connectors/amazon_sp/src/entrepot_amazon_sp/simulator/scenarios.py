"""What sellers complain of, as states of the simulator with the truth to compare a client's answer with.

R29 and its like are the complaints of docs/reference/requirements.md. Each function arranges its state in a living
simulator; what the client then finds is judged by what the function returns, or by what `truths` tells later.
"""

from datetime import timedelta
from itertools import count

from attrs import frozen

from entrepot.model import Marketplace
from entrepot_amazon_sp.simulator.double import AmazonDouble
from entrepot_amazon_sp.simulator.faults import AmazonFault
from entrepot_amazon_sp.simulator.notifications.courier import MOST_COPIES

DAY = timedelta(days=1)

NOBODYS = "SKU-OF-NOBODY-{}"


@frozen
class ListedOrders:
    """Numbers of paid orders: those that lists show, and those that only `getOrder` and the order report know."""

    listed: frozenset[str]
    missing: frozenset[str]


def orders_missing_from_lists(
    amazon: AmazonDouble, sku: str, marketplace: Marketplace, *, listed: int, missing: int, span: timedelta = DAY
) -> ListedOrders:
    """R29 with one missing, R30 with most: buyers order a unit each. Raises SoldOut."""
    numbers = [amazon.place({sku: 1}, marketplace).external_id for _ in range(listed + missing)]
    for number in numbers:
        amazon.pay(number, marketplace.currency)
    for number in numbers[listed:]:
        amazon.hide(number, span)
    return ListedOrders(frozenset(numbers[:listed]), frozenset(numbers[listed:]))


def submissions_without_effect(amazon: AmazonDouble, times: int) -> None:
    """R61: the next ones, of feeds or single, are called accepted and do nothing. `without_effect` tells which."""
    amazon.faults.plan(AmazonFault.SILENT_SUBMISSION, times)


def unknown_sku(amazon: AmazonDouble) -> str:
    """R62: a feed that names this SKU is told that it is accepted. `without_effect` tells that nothing was done."""
    return next(name for name in map(NOBODYS.format, count()) if name not in amazon.stock)


def report_cancelled_despite_data(amazon: AmazonDouble) -> None:
    """R74: the next report. One without data and one that is asked for too soon end so by themselves.

    `report_causes` tells of each report that has ended why.
    """
    amazon.faults.plan(AmazonFault.CANCELLED_REPORT)


def report_fatal_when_asked_again(amazon: AmazonDouble) -> None:
    """R75: the next report that was asked for within four hours before. `report_causes` as above."""
    amazon.faults.plan(AmazonFault.FATAL_AGAIN)


def notification_delivered_ten_times(amazon: AmazonDouble) -> None:
    """R92: the next one, within five minutes. `notifications` tells its id and when each copy was sent."""
    amazon.faults.plan(AmazonFault.DOUBLED_NOTIFICATION, MOST_COPIES)
