"""Which data sets of orders are asked for, and which next where some are refused."""

import pytest

from connectors.amazon_sp.tests.scripted import Amazon, on_amazon, refusal, told
from connectors.amazon_sp.tests.test_connector_orders import WINDOW
from entrepot.channel import DataRefused, FetchOrder, FetchOrders, ForbiddenError, RejectedError
from entrepot_amazon_sp.order_data import ORDER_DATA, STEPS, asked_for, refused_data

DENIED = refusal(403, "Unauthorized", "Access to requested resource is denied.")


def forbidden(details=""):
    return ForbiddenError("no", status=403, details=details)


def test_the_steps_leave_out_each_data_set_once_and_end():
    """Covers R27."""
    without, seen = (), []
    while (less := refused_data(forbidden(), without)) is not None:
        seen.append(less.without[len(without) :])
        without = less.without
    assert seen == list(STEPS)
    assert sorted(without) == sorted(ORDER_DATA)
    assert asked_for(without) is None


def test_a_value_that_is_named_is_left_out_alone():
    """Covers R49."""
    named = RejectedError("no", status=400, details="Invalid Input: FULFILLMENT is no valid value of includedData")
    assert refused_data(named, ()).without == ("FULFILLMENT",)
    assert refused_data(named, ("FULFILLMENT",)).without == ("FULFILLMENT", *STEPS[0]), "it was not asked for"
    longer = RejectedError("no", status=400, details="FULFILLMENT_ORDERS")
    assert refused_data(longer, ("TAX",)).without == ("TAX", "FULFILLMENT_ORDERS")


@pytest.mark.parametrize(
    "other",
    [
        RejectedError("no", status=400, details="The pagination token is not valid."),
        forbidden("These marketplaces are not valid for region EU"),
        forbidden("The seller is suspended"),
        RejectedError("no", status=404),
    ],
)
def test_other_refusals_are_not_about_data(other):
    assert refused_data(other, ()) is None


@pytest.mark.parametrize(
    ("operation", "request_"),
    [("fetch_orders", FetchOrders(WINDOW, 100)), ("fetch_order", FetchOrder(("302-1234567-1234567",)))],
)
def test_both_operations_say_what_to_leave_out(operation, request_):
    amazon = Amazon(DENIED)
    with pytest.raises(DataRefused) as refused:
        on_amazon(amazon, lambda account: account.call(operation, request_))
    assert refused.value.without == STEPS[0]
    assert amazon.requests[-1].url.params["includedData"] == ",".join(ORDER_DATA)


def test_nothing_left_to_ask_for_is_not_asked_for():
    amazon = Amazon(told({"order": {"orderId": "1"}}))
    on_amazon(amazon, lambda account: account.call("fetch_order", FetchOrder(("1",), without=ORDER_DATA)))
    assert "includedData" not in amazon.requests[0].url.params
