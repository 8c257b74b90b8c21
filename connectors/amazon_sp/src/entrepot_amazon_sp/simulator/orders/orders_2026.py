"""Orders API 2026-01-01: searched and looked up."""

import re
from collections.abc import Callable

from entrepot.channel import Json
from entrepot.model import Order
from entrepot.simulation import Call, CursorError, route
from entrepot_amazon_sp.simulator import refusals
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.orders.searches import read_included, read_search
from entrepot_amazon_sp.simulator.orders.words_2026 import word_order
from entrepot_amazon_sp.simulator.times import instant

PERSONAL = frozenset({"BUYER", "RECIPIENT"})
"""Data sets that need a role."""

RECENT = 500
"""Orders whose words are kept: a client asks for overlapping windows, so most are told several times."""

ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")


class Orders:
    """`granted` tells the personal data sets that the application has a role for.

    `check_data` raises a refusal for data sets that are not given out.
    """

    def __init__(
        self,
        account: Account,
        granted: Callable[[], frozenset[str]],
        check_data: Callable[[frozenset[str]], None],
    ) -> None:
        self._account = account
        self._market = account.market
        self._granted = granted
        self._check_data = check_data
        self._worded: dict[tuple[str, int | None, frozenset[str]], Json] = {}

    @route("GET /orders/2026-01-01/orders", spends="searchOrders")
    def search_orders(self, call: Call) -> Json:
        search = read_search(call, self._account.region, self._market.now(), self._account.time_scale)
        self._check_data(search.included)
        try:
            found = self._market.changed_between(
                *search.window(), after=search.cursor, size=search.size, keep=search.keeps
            )
        except CursorError:
            raise refusals.invalid("The pagination token is not valid.") from None
        following = {"pagination": {"nextToken": search.token(found.cursor)}} if found.more else {}
        told = self._told(search.included)
        orders = [self._word(order, told) for order in found.orders]
        return {"orders": orders} | following | {f"{search.by}Before": instant(search.before)}

    @route("GET /orders/2026-01-01/orders/{orderId}", spends="getOrder")
    def get_order(self, call: Call) -> Json:
        included = read_included(call)
        self._check_data(included)
        return {"order": self._word(order_of(self._account, call), self._told(included))}

    def _told(self, included: frozenset[str]) -> frozenset[str]:
        """Without the role, personal data sets are missing; that they are not refused is what most sellers see."""
        return included - PERSONAL | included & self._granted()

    def _word(self, order: Order, told: frozenset[str]) -> Json:
        key = (order.external_id, order.revision, told)
        words = self._worded.get(key)
        if words is None:
            words = self._worded[key] = word_order(order, told)
            if len(self._worded) > RECENT:
                del self._worded[next(iter(self._worded))]
        return words


def order_of(account: Account, call: Call) -> Order:
    """The order that a request names. Raises AmazonRefusal."""
    number = call.path["orderId"]
    if number not in account.market.orders:
        raise refusals.AmazonRefusal(404) if ORDER_ID.fullmatch(number) else refusals.invalid("orderId")
    return account.market.orders[number]
