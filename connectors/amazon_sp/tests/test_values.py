"""Arguments whose values cannot arrive as they are meant are refused with operation and parameter, and not sent."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.scripted import Amazon, told
from connectors.amazon_sp.tests.test_selling_partner import DE, calling, collected, queries
from entrepot.channel import Secret
from entrepot.http import encode
from entrepot_amazon_sp.values import check_body, check_parameter

SEARCH = "orders_2026-01-01.searchOrders: "
REPORT = "reports_2021-06-30.createReport: "
GET = "orders_2026-01-01.getOrder: "

NAIVE = datetime(2026, 11, 29)  # noqa: DTZ001 - without an offset is the point


def report(**fields):
    return {"body": {"reportType": "X", "marketplaceIds": [DE], **fields}}


@pytest.mark.parametrize(
    ("operation", "arguments", "kind", "words"),
    [
        (
            "searchOrders",
            {"createdAfter": NAIVE},
            ValueError,
            SEARCH + "createdAfter: .* has no UTC offset. Next: value",
        ),
        (
            "searchOrders",
            {"createdAfter": date(2026, 1, 1)},
            TypeError,
            SEARCH + "createdAfter cannot be a date. Next: a d",
        ),
        (
            "searchOrders",
            {"marketplaceIds": (each for each in ())},
            TypeError,
            "marketplaceIds cannot be a generator. N",
        ),
        ("searchOrders", {"marketplaceIds": [b"A"]}, TypeError, "marketplaceIds cannot be a bytes. Next: decode"),
        ("searchOrders", {"marketplaceIds": [["A"]]}, TypeError, "marketplaceIds cannot be a list. Next: give a text"),
        ("searchOrders", {"maxResultsPerPage": float("nan")}, ValueError, "maxResultsPerPage cannot be nan. Next"),
        ("searchOrders", {"paginationToken": Secret("hush")}, TypeError, "paginationToken cannot be a Secret. Next"),
        (
            "orders_2026-01-01.getOrder",
            {"orderId": ["1"]},
            TypeError,
            GET + "orderId cannot be a list. Next: give a tex",
        ),
        ("orders_2026-01-01.getOrder", {"orderId": ""}, ValueError, GET + "'orderId' is empty. Next: look"),
        (
            "createReport",
            report(dataStartTime=NAIVE),
            ValueError,
            REPORT + "body.dataStartTime: .* no UTC offset. Next: v",
        ),
        (
            "createReport",
            report(dataStartTime=date(2026, 1, 1)),
            TypeError,
            "body.dataStartTime cannot be a date. Next",
        ),
        ("createReport", report(reportOptions={"a": {b"x"}}), TypeError, "body.reportOptions.a cannot be a set. Next"),
        ("createReport", report(reportOptions={1: "a"}), TypeError, "body.reportOptions has 1 as the name of a field"),
        ("createReport", report(reportOptions={"a": Decimal("inf")}), ValueError, "reportOptions.a cannot be Infinity"),
        ("createReport", {"body": '{"reportType": "X"}'}, ValueError, "the body is a dict, not a str. Next: it takes"),
        ("createReport", {"body": ["X"]}, ValueError, "the body is a dict, not a list"),
        ("getMyFeesEstimates", {"body": "[]"}, ValueError, "the body is a dict or list, not a str"),
        (
            "createReport",
            report(reportTyp="X"),
            ValueError,
            r"no field 'reportTyp' \(did you mean 'reportType'\?\)\. Next",
        ),
        (
            "searchOrders",
            {"marketplaceIds": ["DE"]},
            ValueError,
            f"'DE' is a country, .* Next: '{DE}', which is PLACES",
        ),
        ("searchOrders", {"marketplaceIds": "gb"}, ValueError, r"Next: 'A1F83G8C2ARO7P', which is PLACES\['UK'\]\.id"),
        (
            "createReport",
            report(marketplaceIds=["DE"]),
            ValueError,
            REPORT + r"body\.marketplaceIds: 'DE' is a country",
        ),
        (
            "searchOrders",
            {"deadline": timedelta(seconds=1)},
            TypeError,
            "deadline cannot be a timedelta. Next: seconds",
        ),
        ("searchOrders", {"deadline": float("inf")}, ValueError, "searchOrders: deadline cannot be inf. Next"),
    ],
)
def test_what_cannot_arrive_is_named_with_its_place(operation, arguments, kind, words):
    amazon = Amazon(told({}))
    with pytest.raises(kind, match=words):
        calling(amazon, operation, **arguments)
    assert amazon.network.requests == []


TEXTS = st.text(st.characters(exclude_categories=()), max_size=3)
NAMES = TEXTS | st.integers()
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | TEXTS
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.timedeltas()
    | st.binary(max_size=2)
)


def refusal(check, *arguments, **options):
    """Its words; "" where there is none."""
    try:
        check(*arguments, **options)
    except (TypeError, ValueError) as refused:
        return str(refused)
    return ""


@given(st.recursive(ANYTHING, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2)))
def test_a_body_is_refused_with_its_place_or_can_be_written(body):
    words = refusal(check_body, "body", body)
    if words:
        assert re.fullmatch(r"body.*Next: .*", words, re.DOTALL)
    else:
        orjson.loads(encode.body(body))


@given(ANYTHING | st.lists(ANYTHING, max_size=3), st.booleans())
def test_a_parameter_is_refused_with_its_place_or_can_be_written(value, several):
    words = refusal(check_parameter, "name", value, several=several)
    if words or value is None:
        assert re.fullmatch(r"name.*Next: .*", words, re.DOTALL)
    else:
        assert urlencode(encode.query({"name": value})) or value == []


def test_pages_refuse_the_same():
    with pytest.raises(TypeError, match="deadline cannot be a timedelta"):
        collected(Amazon(told({})), "searchOrders", deadline=timedelta(1))


def test_an_instant_looks_the_same_wherever_it_stands():
    berlin = datetime(2026, 11, 29, 1, tzinfo=timezone(timedelta(hours=1)))
    amazon = Amazon(told({"reportId": "1"}))
    calling(amazon, "searchOrders", createdAfter=berlin)
    calling(amazon, "createReport", **report(dataStartTime=berlin))
    calling(amazon, "orders_2026-01-01.getOrder", orderId=berlin, includedData=[berlin, True])
    in_a_query, in_a_body, in_a_list = amazon.requests
    assert in_a_query.url.params["createdAfter"] == "2026-11-29T00:00:00Z"
    assert orjson.loads(in_a_body.content)["dataStartTime"] == "2026-11-29T00:00:00Z"
    assert in_a_list.url.path.endswith("/orders/2026-11-29T00:00:00Z")
    assert in_a_list.url.params["includedData"] == "2026-11-29T00:00:00Z,true"


def test_a_body_takes_what_json_has_and_instants():
    amazon = Amazon(told({"reportId": "1"}))
    options = {"a": [1, 2.5, True, None, ("x",)], "b": Decimal("1.10"), "c": datetime(2026, 1, 1, tzinfo=UTC)}
    calling(amazon, "createReport", **report(reportOptions=options))
    assert b'{"a":[1,2.5,true,null,["x"]],"b":1.10,"c":"2026-01-01T00:00:00Z"}' in amazon.requests[0].content


@pytest.mark.filterwarnings("ignore::entrepot_amazon_sp.RetirementWarning")
def test_one_data_element_is_one():
    amazon = Amazon(told({"restrictedDataToken": "rdt", "expiresIn": 3600}), told({"payload": {}}))
    calling(amazon, "ordersV0.getOrder", orderId="1", data_elements="buyerInfo")
    assert orjson.loads(amazon.requests[0].content)["restrictedResources"][0]["dataElements"] == ["buyerInfo"]
    assert queries(amazon)[1] == {}
