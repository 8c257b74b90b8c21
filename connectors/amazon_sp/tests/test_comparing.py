"""A 403 that says nothing is compared with what the client knows: its seller, its region."""

import pytest

from connectors.amazon_sp.tests.scripted import CA, DE, NL, US, Amazon, refusal
from connectors.amazon_sp.tests.test_selling_partner import calling
from entrepot.channel import ForbiddenError

DENIED = refusal(403, "Unauthorized", "Access to requested resource is denied.")
LISTING = {"sku": "MUG", "marketplaceIds": [DE]}


def refused(operation, **arguments):
    with pytest.raises(ForbiddenError) as failed:
        calling(Amazon(DENIED), operation, **arguments)
    return str(failed.value)


@pytest.mark.parametrize(
    ("operation", "arguments", "found"),
    [
        (
            "getListingsItem",
            LISTING | {"sellerId": "A9OTHER"},
            "its sellerId A9OTHER is not the seller_id A2SELLER of the settings",
        ),
        (
            "getListingsRestrictions",
            {"asin": "B0", "sellerId": "A9OTHER", "marketplaceIds": [DE]},
            "its sellerId A9OTHER is not the seller_id A2SELLER of the settings",
        ),
        (
            "searchOrders",
            {"marketplaceIds": [DE, US]},
            f"its store {US} (US) is of region NA, this client asks EU",
        ),
        (
            "ordersV0.getOrders",
            {"MarketplaceIds": [NL, CA]},
            f"its store {CA} (CA) is of region NA, this client asks EU",
        ),
        (
            "createReport",
            {"body": {"reportType": "X", "marketplaceIds": [US]}},
            f"its store {US} (US) is of region NA, this client asks EU",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")
def test_what_differs_from_the_client_stands_in_the_error(operation, arguments, found):
    assert f". Compare: {found}. Next: compare seller id, stores and region" in refused(operation, **arguments)


def test_where_nothing_differs_the_candidates_are_named():
    told = refused("getListingsItem", **LISTING, sellerId="A2SELLER")
    assert (
        ". Compare: this client asks region EU as seller A2SELLER. Next: compare seller id, stores and region" in told
    )
    assert "a missing role, of another's seller id, store or region, and of a path that it has not" in told
