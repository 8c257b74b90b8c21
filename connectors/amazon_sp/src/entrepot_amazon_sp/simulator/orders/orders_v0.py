"""Orders API v0, as far as Amazon still answers it: its reads, and the confirmation of shipments.

The reads go on 2027-03-27. Personal data is told to a restricted data token, and left out for any other.
"""

import re
from collections.abc import Callable, Mapping

from attrs import evolve

from entrepot.channel import Json
from entrepot.model import Order
from entrepot.simulation import Answer, Call, CursorError, route
from entrepot_amazon_sp.catalog import find
from entrepot_amazon_sp.simulator import parameters
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.hosts import check_stores
from entrepot_amazon_sp.simulator.orders import shipments
from entrepot_amazon_sp.simulator.orders.orders_2026 import order_of
from entrepot_amazon_sp.simulator.orders.searches import (
    FULFILLERS,
    LARGEST_PAGE,
    MOST_STORES,
    UNSETTLED,
    Search,
    Token,
    read_mode,
    read_window,
)
from entrepot_amazon_sp.simulator.orders.words_v0 import (
    CHANNELS,
    OLD_STATUSES,
    second,
    word_items,
    word_order,
    word_personal,
)
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid, not_simulated

ORDER = "/orders/v0/orders/{orderId}"

MOST_NAMED = 50

FILTERS = frozenset(
    [
        *("createdAfter", "createdBefore", "lastUpdatedAfter", "lastUpdatedBefore", "marketplaceIds"),
        *("orderStatuses", "fulfillmentChannels", "amazonOrderIds", "maxResultsPerPage", "nextToken"),
    ]
)
"""Amazon has more of them; these are simulated."""

NEW_STATUSES = {old: new for new, old in OLD_STATUSES.items()}
FULFILLERS_OF = {CHANNELS[fulfillment]: word for fulfillment, word in FULFILLERS.items()}


class OrdersV0:
    """`elements` tells the personal data that a request may be told."""

    def __init__(self, account: Account, elements: Callable[[Call], frozenset[str]]) -> None:
        self._account = account
        self._elements = elements
        self._market = account.market

    @route("GET /orders/v0/orders", spends="ordersV0.getOrders")
    def get_orders(self, call: Call) -> Json:
        """By the time of the last change, oldest first, also where orders are searched by creation (a guess)."""
        try:
            search, named = self._search(_lowered(call))
        except AmazonRefusal as refused:
            raise _in_old_words(refused) from None
        try:
            found = self._market.changed_between(
                *search.window(),
                after=search.cursor,
                size=search.size,
                keep=lambda order: search.keeps(order) and (not named or order.external_id in named),
            )
        except CursorError:
            raise invalid("NextToken is not valid.") from None
        end = {"created": "CreatedBefore", "lastUpdated": "LastUpdatedBefore"}[search.by]
        following = {"NextToken": search.token(found.cursor)} if found.more else {}
        orders = [self._word(order, call) for order in found.orders]
        return {"payload": {"Orders": orders, end: second(search.before)} | following}

    @route(f"GET {ORDER}", spends="ordersV0.getOrder")
    def get_order(self, call: Call) -> Json:
        return {"payload": self._word(order_of(self._account, call), call)}

    @route(f"GET {ORDER}/orderItems", spends="getOrderItems")
    def get_order_items(self, call: Call) -> Json:
        """All in one page."""
        order = order_of(self._account, call)
        return {"payload": {"AmazonOrderId": order.external_id, "OrderItems": word_items(order)}}

    @route(f"GET {ORDER}/buyerInfo", spends="getOrderBuyerInfo")
    def get_order_buyer_info(self, call: Call) -> Json:
        order = order_of(self._account, call)
        told = word_personal(order, self._elements(call)).get("BuyerInfo", {})
        return {"payload": {"AmazonOrderId": order.external_id} | told}

    @route(f"GET {ORDER}/address", spends="getOrderAddress")
    def get_order_address(self, call: Call) -> Json:
        order = order_of(self._account, call)
        return {"payload": {"AmazonOrderId": order.external_id} | word_personal(order, self._elements(call))}

    @route(f"GET {ORDER}/orderItems/buyerInfo", spends="getOrderItemsBuyerInfo")
    def get_order_items_buyer_info(self, call: Call) -> Json:
        """Nothing is gift-wrapped or made to order here."""
        order = order_of(self._account, call)
        items = [{"OrderItemId": line.external_id} for line in order.lines]
        return {"payload": {"AmazonOrderId": order.external_id, "OrderItems": items}}

    @route(f"POST {ORDER}/shipmentConfirmation", spends="confirmShipment")
    def confirm_shipment(self, call: Call) -> Json:
        order = order_of(self._account, call)
        shipments.confirm(self._market, order, shipments.read_package(order, call.body))
        return Answer(204, b"")

    def _word(self, order: Order, call: Call) -> Json:
        return word_order(order) | word_personal(order, self._elements(call))

    def _search(self, call: Call) -> tuple[Search, tuple[str, ...]]:
        """And the orders that are named, if any. A token overrides what is asked beside it."""
        text = parameters.single(call, "nextToken")
        token = None if text is None else Token.read(text)
        asked = token.asked if token else {name: ",".join(values) for name, values in sorted(call.query.items())}
        call = evolve(call, query={name: [value] for name, value in asked.items()})
        by, named = read_mode(call), parameters.array(call, "amazonOrderIds", most=MOST_NAMED)
        after, before = read_window(call, by, self._market.now() - UNSETTLED / self._account.time_scale)
        search = Search(
            by=by,
            after=after,
            before=before,
            stores=self._stores(call),
            fulfilled_by=_words(call, "fulfillmentChannels", FULFILLERS_OF),
            statuses=_words(call, "orderStatuses", NEW_STATUSES),
            size=parameters.number(call, "maxResultsPerPage", LARGEST_PAGE, LARGEST_PAGE),
            included=frozenset(),
            cursor=token.cursor if token else None,
            asked=asked,
        )
        return search, named

    def _stores(self, call: Call) -> tuple[str, ...]:
        stores = parameters.array(call, "marketplaceIds", most=MOST_STORES)
        if not stores:
            raise invalid("marketplaceIds is missing.")
        check_stores(stores, self._account.region, invalid("marketplaceIds has an unknown value."))
        return stores


def _lowered(call: Call) -> Call:
    """The parameters begin as those of the newer API; one that is none of Amazon's says nothing.

    Raises AmazonRefusal for a filter of Amazon's that is not simulated.
    """
    query = {_small(name): values for name, values in call.query.items()}
    others = (query.keys() & set(map(_small, find("ordersV0.getOrders").parameters))) - FILTERS
    if others:
        raise not_simulated(f"Filter {min(others)} of getOrders")
    return evolve(call, query={name: values for name, values in query.items() if name in FILTERS})


def _in_old_words(refused: AmazonRefusal) -> AmazonRefusal:
    """With the parameters' names as they were asked for."""
    names = {_small(name): name for name in find("ordersV0.getOrders").parameters}
    details = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), refused.details or "")
    return AmazonRefusal(refused.status, refused.message, code=refused.code, details=details)


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _words(call: Call, name: str, newer: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(newer[word] for word in parameters.array(call, name, allowed=newer))
