"""Each error of the client on its own ends with what is to be done next, in its caller's situation."""

import httpx
import pytest

from connectors.amazon_sp.tests.scripted import Amazon, refusal, told
from connectors.amazon_sp.tests.test_attempts import DOWN, GOOD, ITEM, READ, REPORT, WRITE, timed
from connectors.amazon_sp.tests.test_meanings import page
from entrepot.channel import UnknownOutcome
from entrepot_amazon_sp.advice import reader_of
from entrepot_amazon_sp.catalog import find

HALF = httpx.Response(200, text='{"reportId": ')
ANSWERS = [
    DOWN,
    HALF,
    told({"message": "no"}),
    page(200),
    page(503),
    refusal(400),
    refusal(404, "NotFound"),
    told("", 418),
]


@pytest.mark.parametrize("answer", [DOWN, HALF, told({"message": "no"}), page(200), page(503)])
def test_a_write_of_unknown_outcome_says_where_to_look(answer):
    """Covers P5."""
    error, _ = timed(Amazon(answer), WRITE, **REPORT)
    assert type(error) is UnknownOutcome
    assert str(error).endswith(". Next: look with reports_2021-06-30.getReports before sending it again")
    error, _ = timed(Amazon(answer), "deleteListingsItem", deadline=20, **ITEM)
    assert str(error).endswith(". Next: look with listingsItems_2021-08-01.getListingsItem before sending it again")


def test_so_does_one_that_was_cut_off():
    class Slow(Amazon):
        def _token(self, request):
            self.network.latency = 10_000
            return super()._token(request)

    error, _ = timed(Slow(GOOD, latency=0), "createFeed", deadline=10, body={})
    assert str(error).endswith(". Next: look with feeds_2021-06-30.getFeeds before sending it again")


@pytest.mark.parametrize(
    ("write", "read"),
    [
        ("createSubscription", "notifications.getSubscription"),
        ("cancelFeed", "feeds_2021-06-30.getFeed"),
        ("confirmShipment", "ordersV0.getOrder"),
        ("shippingV2.purchaseShipment", "the operation that reads it"),
    ],
)
def test_the_read_that_shows_a_write_is_that_of_its_path(write, read):
    assert reader_of(find(write)) == read


@pytest.mark.parametrize("name", [READ, WRITE])
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_error_goes_without_a_next_action(answer, name):
    error, _ = timed(Amazon(answer), name, deadline=20, **(REPORT if name == WRITE else {}))
    assert str(error).count(". Next: ") == 1
    assert ".. " not in str(error)
