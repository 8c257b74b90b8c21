"""What a double declares of its shop, and what the contract says to an author who forgets to; where the key is."""

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot.model import OrderStatus
from entrepot.testing import Answer, ConnectorContract
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.mapping import map_order
from entrepot_mock_channel.shop import MockShop
from tests.testing.contracts import SETTINGS, contract
from tests.testing.recipes import NUMBERED_LOG, NumberedLog, map_numbered
from tests.testing.shops_words import PRICED, PricesUnpaidOrders, map_priced
from tests.testing.small_shop import SMALL, SmallShop, map_paid

LIFE = "test_order_is_followed_through_its_life"
ANY = "test_every_order_survives_wording_and_mapping"
WITHOUT_PRICES = "test_order_without_prices_has_none"


def forgetting(double, **declared):
    return type("Forgetful", (double,), declared)


def mapped_by(kind, function):
    return evolve(kind, maps={**kind.maps, "order": function})


def wants_prices(record):
    if record["total"] is None:
        raise channel.RecordError(["expected a decimal number, found nothing @ $.total"])
    return map_paid(record)


def in_whole_cents(record):
    """A unit's price has two decimals on the wire."""
    lines = [line | {"gross": line["gross"] and f"{float(line['gross']):.2f}"} for line in record["lines"]]
    return map_paid(record | {"lines": lines})


def whole(record):
    """The state of an order says all of its lines."""
    sent, void = record["status"] == "sent", record["status"] == "cancelled"
    lines = [line | {"sent": sent * line["quantity"], "cancelled": void * line["quantity"]} for line in record["lines"]]
    return record | {"lines": lines}


def to_the_minute(record):
    return map_order(record | {"changed": record["changed"][:17] + "00+00:00"})


FORGOTTEN = [
    (NUMBERED_LOG, NumberedLog, {"partial": True}, lambda record: map_numbered(whole(record)), ANY, "partial = False"),
    (SMALL, SmallShop, {"unpaid": True}, wants_prices, WITHOUT_PRICES, "unpaid = False"),
    (MOCK, MockShop, {}, map_priced, WITHOUT_PRICES, "priced_early = True"),
    (SMALL, SmallShop, {"unit_prices": False}, in_whole_cents, ANY, "unit_prices = True"),
    (MOCK, MockShop, {}, to_the_minute, LIFE, "resolution = "),
]


@pytest.mark.parametrize(
    ("kind", "double", "declared", "function", "case", "named"),
    FORGOTTEN,
    ids=[row[-1].split()[0] for row in FORGOTTEN],
)
def test_a_declaration_that_is_forgotten_is_named_in_the_first_line(kind, double, declared, function, case, named):
    planted = contract(mapped_by(kind, function), forgetting(double, **declared))
    with pytest.raises((AssertionError, channel.RecordError), match=rf"\A.*Next: .*`{named}"):
        getattr(planted, case)()


LEFT_OUT = [
    (SMALL, SmallShop, WITHOUT_PRICES, "`unpaid = False` of the double: paid orders only"),
    (PRICED, PricesUnpaidOrders, WITHOUT_PRICES, "`priced_early = True` of the double: never without prices"),
    (
        NUMBERED_LOG,
        NumberedLog,
        "test_order_is_followed_in_parts",
        "`partial = False` of the double: whole orders only",
    ),
]


@pytest.mark.parametrize(("kind", "double", "case", "reason"), LEFT_OUT, ids=["unpaid", "priced", "partial"])
def test_what_a_shop_declares_is_left_out_with_its_reason(kind, double, case, reason):
    [mark] = getattr(contract(kind, double), case).pytestmark
    assert mark.kwargs["reason"] == reason


def test_whole_orders_are_asked_of_a_shop_that_has_no_others():
    """Also of those that are drawn."""
    states = mapped_by(NUMBERED_LOG, lambda record: map_numbered(whole(record)))
    getattr(contract(states, NumberedLog), ANY)()


def test_a_declaration_that_is_made_is_not_asked_for():
    lossy = mapped_by(SMALL, lambda record: evolve(map_paid(record), lines=()))
    with pytest.raises(AssertionError, match="number of lines") as lost:
        getattr(contract(lossy, SmallShop), LIFE)()
    assert "unit_prices" not in str(lost.value)


def test_an_unpaid_order_that_has_its_prices_is_still_unpaid():
    """A connector that would send what nobody has paid."""
    eager = mapped_by(PRICED, lambda record: evolve(map_order(record), status=OrderStatus.UNSHIPPED))
    for case in (LIFE, ANY):
        with pytest.raises(AssertionError, match=r"status .*pending"):
            getattr(contract(eager, PricesUnpaidOrders), case)()


def by_header(settings, ports):
    return MockConnector(ports.http(settings.url, key=settings.token, header="X-Shop-Key"))


def by_scheme_of_its_own(settings, ports):
    return MockConnector(ports.http(settings.url, key=settings.token, header="Authorization"))


MISPLACED = [
    (evolve(MOCK, connect=by_header), MockShop, r'came in x-shop-key\. Next: key_header = "x-shop-key"'),
    (SMALL, type("Deaf", (SmallShop,), {"carried_key": MockShop.carried_key}), r"parameter key\. Next: .*carried_key"),
    (evolve(MOCK, connect=by_scheme_of_its_own), MockShop, "does not have the account's key as a bearer token"),
]


@pytest.mark.parametrize(("kind", "double", "hint"), MISPLACED, ids=["header", "parameter", "scheme"])
def test_a_key_in_another_place_is_told_once(kind, double, hint):
    planted = contract(kind, double)
    with pytest.raises(pytest.fail.Exception, match=rf"\Athe double refuses the right key: .*{hint}"):
        planted.test_check_accepts_good_credentials()
    with pytest.raises(pytest.fail.Exception, match="as above"):
        planted.test_every_page_is_fetched()


class SaysNoMore(MockShop):
    """Its words of a refusal have no room for the double's own."""

    def word_refusal(self, call, refusal):
        return {"oops": refusal.code}


def test_a_key_in_another_place_is_told_whatever_the_shop_says_of_it():
    kind, hint = evolve(MOCK, connect=by_header), r"\Athe double refuses the right key: .*Next: key_header = "
    with pytest.raises(pytest.fail.Exception, match=hint):
        contract(kind, SaysNoMore).test_check_accepts_good_credentials()
    with pytest.raises(pytest.fail.Exception, match=hint):
        contract(kind, SaysNoMore).test_refused_check(Answer(429), channel.RateLimited)


def test_a_key_that_is_sent_nowhere_is_told_with_what_to_do():
    silent = evolve(MOCK, connect=lambda settings, ports: MockConnector(ports.http(settings.url)))
    with pytest.raises(pytest.fail.Exception, match=r"does not have the account's key.*Next: let `connect` send"):
        contract(silent, MockShop).test_check_accepts_good_credentials()


def test_a_refusal_that_was_scripted_is_no_refused_key():
    with pytest.raises(AssertionError, match=r"\AAuthError in place of RateLimited"):
        contract(MOCK, MockShop).test_refused_check(Answer(401), channel.RateLimited)


def test_the_most_basic_cases_come_first():
    """So that the first red line is the cause of the others: pytest begins with the last class of the bases."""
    *_, first = (base.__name__ for base in ConnectorContract.__mro__ if base.__name__ not in {"Contract", "object"})
    assert first == "RequiredContract"


def test_a_contract_without_a_double_says_so():
    with pytest.raises(TypeError, match=r"has a channel and no `shop`\. Next: name the class of the channel's double"):
        type("Half", (ConnectorContract,), {"channel": MOCK, "settings": SETTINGS})


def test_settings_that_do_not_fit_are_no_fault_of_a_record():
    wrong = type("Wrong", (ConnectorContract,), {"channel": MOCK, "shop": MockShop, "settings": {"url": "https://a.b"}})
    with pytest.raises(pytest.fail.Exception, match=r"are no MockSettings: .*token.*Next: give each of its fields"):
        wrong().test_check_accepts_good_credentials()


def test_a_request_that_no_route_answers_is_named():
    lost = evolve(MOCK, connect=lambda settings, ports: LostConnector(ports.http(settings.url, bearer=settings.token)))
    with pytest.raises(channel.RejectedError, match=r'Next: write @route\("GET /v9/account"\)'):
        contract(lost, MockShop).test_check_accepts_good_credentials()


@frozen
class LostConnector(MockConnector):
    async def check(self, request: channel.Check) -> channel.CheckReport:
        await self.http.get("/v9/account", into=channel.Json)
        return channel.CheckReport()
