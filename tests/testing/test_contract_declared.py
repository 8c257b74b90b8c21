"""What a double declares of its shop, and what the contract says to an author who forgets to; where the key is."""

import pytest
from attrs import evolve, frozen

from entrepot import channel
from entrepot.testing import ConnectorContract
from entrepot_mock_channel import MOCK
from entrepot_mock_channel.connector import MockConnector
from entrepot_mock_channel.mapping import map_order
from entrepot_mock_channel.shop import MockShop
from tests.testing.recipes import NUMBERED_LOG, NumberedLog, map_numbered
from tests.testing.small_shop import SMALL, SmallShop, map_paid

SETTINGS = {"url": "https://mock.example", "token": "not-a-secret"}
LIFE = "test_order_is_followed_through_its_life"
ANY = "test_every_order_survives_wording_and_mapping"
WITHOUT_PRICES = "test_order_without_prices_has_none"


def contract(kind, double):
    class Planted(ConnectorContract):
        channel, shop, settings = kind, double, SETTINGS

    return Planted()


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
    (
        NUMBERED_LOG,
        NumberedLog,
        "test_order_is_followed_in_parts",
        "`partial = False` of the double: whole orders only",
    ),
]


@pytest.mark.parametrize(("kind", "double", "case", "reason"), LEFT_OUT, ids=["unpaid", "partial"])
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
