"""Looking up Amazon's operations."""

import subprocess
import sys
from datetime import date

import pytest

from entrepot.channel import Limit
from entrepot_amazon_sp.catalog import Effect, Paging, Parameter, find, ids


def test_there_are_370_operations_of_66_models():
    assert len(ids()) == 370
    assert len({id_.split(".")[0] for id_ in ids()}) == 66
    assert {find(id_).id for id_ in ids()} == set(ids())


def test_an_operation_is_described():
    found = find("orders_2026-01-01.searchOrders")
    assert (found.method, found.path, found.limit) == ("GET", "/orders/2026-01-01/orders", Limit(0.0056, 20))
    assert found.parameters["marketplaceIds"] == Parameter("marketplaceIds", "query", "array", False, (), "csv")
    assert found.parameters["fulfilledBy"].enum == ("MERCHANT", "AMAZON")
    assert found.paging == Paging("paginationToken", ("pagination", "nextToken"), "repeat", {})
    assert (found.answer, found.effect, found.body, found.removed) == ("direct", Effect.READ, None, None)


def test_what_is_retired_says_when_and_what_is_instead():
    found = find("ordersV0.getOrders")
    assert (found.deprecated, found.removed) == (date(2026, 1, 28), date(2027, 3, 27))
    assert found.instead == "searchOrders and getOrder of orders_2026-01-01"
    assert (found.answer, found.restricted) == ("payload", True)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("searchOrders", "orders_2026-01-01.searchOrders"),
        ("patchListingsItem", "listingsItems_2021-08-01.patchListingsItem"),
        ("linkCarrierAccount_POST", "shippingV2.linkCarrierAccount_POST"),
    ],
)
def test_a_short_id_is_enough_where_it_is_unique_or_has_a_default(short, full):
    assert find(short).id == full


@pytest.mark.parametrize(
    ("name", "candidates"),
    [
        ("getOrders", ["ordersV0", "vendorDirectFulfillmentOrdersV1", "vendorDirectFulfillmentOrders_2021-12-28"]),
        ("submitInvoice", ["deliveryShipmentInvoiceV2022-07-01", "shipmentInvoicingV0"]),
        ("linkCarrierAccount", ["shippingV2.linkCarrierAccount, shippingV2.linkCarrierAccount_POST"]),
    ],
)
def test_an_ambiguous_id_is_refused_with_the_candidates(name, candidates):
    with pytest.raises(ValueError, match="several APIs") as refused:
        find(name)
    assert all(each in str(refused.value) for each in candidates)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("serchOrders", "did you mean orders_2026-01-01.searchOrders"),
        ("get_listings_item", "did you mean listingsItems_2021-08-01.getListingsItem?"),
        ("ORDERSV0.getorders", "did you mean ordersV0.getOrders (which Amazon removes on 2027-03-27)?"),
        (
            "getorder",
            "fulfillmentOutbound_2026-07-04.getOrder, orders_2026-01-01.getOrder, ordersV0.getOrder (which Amazon",
        ),
        ("orders_2026-01-02.searchOrders", "did you mean orders_2026-01-01.searchOrders"),
        ("qqqqqq", "Next: look it up"),
    ],
)
def test_an_unknown_id_is_refused_with_what_is_spelled_nearly_so(name, near):
    with pytest.raises(ValueError, match="Amazon has no operation") as refused:
        find(name)
    assert near in str(refused.value)
    assert str(refused.value).count(", ") <= 2, "three at most"


def test_some_lists_go_on_by_the_token_alone():
    assert find("getReports").paging.others == "drop"
    assert find("fulfillmentInboundV0.getShipments").paging.set == {"QueryType": "NEXT_TOKEN"}
    assert find("getInventorySummaries").paging.token == ("pagination", "nextToken")
    assert find("createReport").paging is None


@pytest.mark.parametrize(
    ("id_", "effect"),
    [
        ("getMyFeesEstimates", Effect.READ),
        ("patchListingsItem", Effect.IDEMPOTENT),
        ("createFeed", Effect.UNKNOWN),
        ("ordersV0.confirmShipment", Effect.UNKNOWN),
        ("generateShipLabels", Effect.UNKNOWN),
    ],
)
def test_the_effect_is_not_that_of_the_method_alone(id_, effect):
    assert find(id_).effect is effect


def test_the_connectors_own_limits_are_those_of_the_catalog():
    from entrepot_amazon_sp.plans import PLANS  # noqa: PLC0415 - of this test alone

    named = {"getOrder": "orders_2026-01-01.getOrder"}
    for name, plan in PLANS.items():
        told = find(named.get(name, name)).limit
        assert (plan.per_second, plan.burst) == (told.per_second, told.burst)
        assert plan.application == {each: told.application[each] for each in plan.application}
        assert ("application" in plan.application) == ("application" in told.application)


NOT_OF_THE_CLIENT = (
    *("aiolimiter", "botocore", "cryptography", "httpx_aiohttp", "msgspec", "prometheus_client"),
    *("sqlite3", "sqlite_utils", "standardwebhooks", "structlog"),
    *("entrepot.config", "entrepot.plugins", "entrepot.store", "entrepot.sync", "entrepot.vault", "hypothesis"),
    *("entrepot_amazon_sp.connector", "entrepot_amazon_sp.facts", "entrepot_amazon_sp.mapping"),
    *("entrepot_amazon_sp.simulator", "entrepot_amazon_sp.wire"),
)
"""Not with the import: some of it never, some with the first call."""


def test_importing_loads_neither_the_catalog_nor_the_client():
    """And with the client neither the catalog's data nor what only a channel, a daemon or a first call needs."""
    code = f"""if True:
        import sys, entrepot_amazon_sp
        assert not {{"entrepot_amazon_sp.catalog", "httpx"}} & set(sys.modules)
        from entrepot_amazon_sp import SellingPartner
        loaded = set(sys.modules) & set({NOT_OF_THE_CLIENT})
        assert not loaded, loaded
        from entrepot_amazon_sp.catalog import _data, find
        assert _data.cache_info().currsize == 0
        find("searchOrders")
        assert _data.cache_info().currsize == 1
    """
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own interpreter
