"""What becomes of statuses, quantities, groups that are left out, and words that are new."""

import pytest

from connectors.amazon_sp.tests.orders.dispositions import cut
from connectors.amazon_sp.tests.orders.documents import amount, document, item, proceeds
from entrepot.channel import RecordError
from entrepot.model import DataSet, DataSetState, Fulfillment, OrderStatus, Package, PackageStatus, utc
from entrepot_amazon_sp.mapping.orders import map_order
from entrepot_amazon_sp.places import PLACES

BUYER = {"buyerName": "Ada Example", "buyerEmail": "alias@example.org"}
RECIPIENT = {"deliveryAddress": {"name": "Ada Example", "addressLine2": "Rear building", "city": "Bonn"}}


def fulfilled(status, **more):
    return document(item(), fulfillment={"fulfillmentStatus": status, **more})


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PENDING_AVAILABILITY", OrderStatus.PENDING),
        ("PENDING", OrderStatus.PENDING),
        ("UNSHIPPED", OrderStatus.UNSHIPPED),
        ("PARTIALLY_SHIPPED", OrderStatus.PARTIALLY_SHIPPED),
        ("SHIPPED", OrderStatus.SHIPPED),
        ("CANCELLED", OrderStatus.CANCELLED),
        ("UNFULFILLABLE", OrderStatus.UNFULFILLABLE),
        ("INVOICE_UNCONFIRMED", OrderStatus.UNKNOWN),
    ],
)
def test_amazons_word_is_kept_beside_our_status(word, status):
    order = map_order(fulfilled(word))
    assert (order.status, order.status_text) == (status, word)


def test_an_order_without_its_groups_has_no_wrong_status():
    order = map_order(document(item()))
    assert (order.status, order.status_text) == (OrderStatus.UNKNOWN, "")
    assert set(order.data_sets.items()) == {(part, DataSetState.NOT_ASKED) for part in DataSet}


def test_what_was_asked_for_and_is_not_there_yet_is_told_apart():
    order = map_order(fulfilled("PENDING"))
    assert order.data_sets == {
        DataSet.STATUS: DataSetState.RETURNED,
        DataSet.MONEY: DataSetState.ASKED,
        DataSet.PACKAGES: DataSetState.ASKED,
        DataSet.BUYER: DataSetState.NOT_ASKED,
        DataSet.RECIPIENT: DataSetState.NOT_ASKED,
    }
    returned = document(item(proceeds=proceeds("1.00", ("ITEM", "1.00"))), packages=[], buyer=BUYER)
    states = map_order(returned).data_sets
    assert [states[part] for part in (DataSet.MONEY, DataSet.PACKAGES, DataSet.BUYER)] == [DataSetState.RETURNED] * 3


def test_a_buyer_that_was_cut_is_not_kept():
    order = map_order(cut(document(item(), buyer=BUYER, recipient=RECIPIENT)))
    assert (order.buyer, order.recipient) == (None, None)
    assert order.data_sets[DataSet.BUYER] is DataSetState.NOT_KEPT
    assert order.data_sets[DataSet.RECIPIENT] is DataSetState.NOT_KEPT


def test_no_repr_shows_who_bought():
    order = map_order(document(item(), buyer=BUYER, recipient=RECIPIENT))
    assert order.buyer.name == order.recipient.address.name == "Ada Example"
    assert order.recipient.address.lines == ("Rear building",)
    assert not any(word in repr(order) for word in ("Ada", "example.org", "Rear", "Bonn"))


@pytest.mark.parametrize(
    ("told", "shipped", "cancelled"),
    [
        ({"quantityFulfilled": 1, "quantityUnfulfilled": 2}, 1, 0),
        ({"quantityFulfilled": 1, "quantityUnfulfilled": 0}, 1, 2),
        ({"quantityFulfilled": 0, "quantityUnfulfilled": 0}, 0, 3),
        ({"quantityFulfilled": 3, "quantityUnfulfilled": 3}, 3, 0),
        ({"quantityFulfilled": 1}, 1, 0),
        ({"quantityUnfulfilled": 1}, 0, 0),
        ({}, 0, 0),
    ],
)
def test_what_is_neither_fulfilled_nor_unfulfilled_was_cancelled(told, shipped, cancelled):
    (line,) = map_order(document(item(ordered=3, fulfillment=told))).lines
    assert (line.ordered, line.shipped, line.cancelled) == (3, shipped, cancelled)


@pytest.mark.parametrize(
    ("by", "fulfillment"),
    [("AMAZON", Fulfillment.CHANNEL), ("MERCHANT", Fulfillment.MERCHANT), ("A_THIRD", Fulfillment.MERCHANT)],
)
def test_units_of_an_unknown_sender_are_held_back(by, fulfillment):
    assert map_order(fulfilled("UNSHIPPED", fulfilledBy=by)).fulfillment is fulfillment
    assert map_order(fulfilled("UNSHIPPED")).fulfillment is Fulfillment.MERCHANT


def test_packages_name_their_units():
    package = {
        "packageReferenceId": "1",
        "carrier": "DHL",
        "shippingService": "Paket",
        "trackingNumber": "00340",
        "shipTime": "2026-11-24T15:00:00+01:00",
        "packageStatus": {"status": "IN_TRANSIT", "detailedStatus": "PICKED_UP"},
        "packageItems": [{"orderItemId": "1", "quantity": 1}, {"orderItemId": "1", "quantity": 1}],
    }
    sent, bare = map_order(document(item(), packages=[package, {"packageReferenceId": "2"}])).packages
    assert sent == Package(
        external_id="1",
        carrier="DHL",
        tracking_number="00340",
        shipped_at=sent.shipped_at,
        lines={"1": 2},
        service="Paket",
        status=PackageStatus.IN_TRANSIT,
        status_text="IN_TRANSIT",
        status_detail="PICKED_UP",
    )
    assert utc(sent.shipped_at).hour == 14
    assert bare == Package("2")


def test_a_package_status_of_tomorrow_is_unknown():
    told = {"packageReferenceId": "1", "packageStatus": {"status": "TELEPORTED"}}
    (package,) = map_order(document(item(), packages=[told])).packages
    assert (package.status, package.status_text) == (PackageStatus.UNKNOWN, "TELEPORTED")


@pytest.mark.parametrize("code", PLACES)
def test_a_store_is_named_by_its_code(code):
    channel = {"channelName": "AMAZON", "marketplaceId": PLACES[code].id}
    assert map_order(document(item(), salesChannel=channel)).marketplace == code


def test_a_sale_of_another_shop_keeps_what_amazon_calls_it():
    assert map_order(document(item(), salesChannel={"channelName": "NON_AMAZON"})).marketplace == "NON_AMAZON"
    elsewhere = {"channelName": "NON_AMAZON", "marketplaceId": "AFUTURESTORE"}
    assert map_order(document(item(), salesChannel=elsewhere)).marketplace == "AFUTURESTORE"


def test_an_article_without_sku_is_known_by_amazons_number():
    line = {"orderItemId": "1", "quantityOrdered": 1, "product": {"asin": "B01"}}
    assert map_order(document(line)).lines[0].offer == "B01"


def test_null_counts_as_left_out():
    order = map_order(document(item(proceeds=None, fulfillment={"packing": None}), packages=None, programs=None))
    assert order == map_order(document(item()))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"createdTime": None}, "required field 'createdTime' is missing @ $"),
        ({"orderItems": [item(ordered="1")]}, "expected int, found str '1' @ $.orderItems[0].quantityOrdered"),
        ({"proceeds": {"grandTotal": amount(1) | {"amount": "1,50"}}}, "decimal number.* @ .*grandTotal.amount"),
    ],
)
def test_what_is_no_order_says_where_it_is_wrong(wrong, reason):
    with pytest.raises(RecordError, match=reason.replace("$", r"\$").replace("[0]", r"\[0\]")):
        map_order(document(item()) | wrong)
