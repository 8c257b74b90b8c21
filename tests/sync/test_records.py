from decimal import Decimal

import orjson
import pytest
from attrs import evolve

from entrepot.sync.records import map_record, map_records, without
from entrepot_mock_channel import MOCK
from tests.store.values import order

GOOD = {"sku": "MUG", "quantity": 3}


def test_one_bad_record_does_not_touch_the_others():
    """Covers P1, P8."""
    good, bad, last = map_records(MOCK, "stock", [GOOD, {"sku": "CAP", "quantity": "3"}, GOOD])
    assert (good.value.quantity, last.value.quantity) == (3, 3)
    assert bad.value is None
    assert "expected int, found str '3' @ $.quantity" in bad.reason


@pytest.mark.parametrize("poison", ["\ud800", 2**70])
def test_what_no_store_can_hold_is_refused_like_any_other_bad_record(poison):
    """Covers P1, P8: half a character, or a number of more than 64 bits, would fail the page again and again."""
    refused, good = map_records(MOCK, "stock", [GOOD | {"note": poison}, GOOD])
    assert refused.value is None
    assert "cannot be stored" in refused.reason
    assert orjson.loads(refused.body.replace(b"\\ud800", b""))["sku"] == "MUG"
    assert good.value.quantity == 3


@pytest.mark.parametrize("quantity", [10**9 + 1, 2**63, -1])
def test_an_absurd_quantity_is_refused_before_it_reaches_the_ledger(quantity):
    """Covers P1, P8."""
    line = {"id": "1", "sku": "MUG", "title": "", "quantity": quantity, "sent": 0, "cancelled": 0}
    line |= {"gross": None, "tax": None, "discount": None}
    document = {"number": "A1", "status": "new", "placed": "2026-11-24T12:00:00Z", "changed": "2026-11-24T12:00:00Z"}
    document |= {"currency": "EUR", "discount": None, "shipping": None, "total": None, "lines": [line]}
    refused = map_record(MOCK, "order", document)
    assert "whole number of units" in refused.reason


@pytest.mark.parametrize("field", ["changed_at", "revision", "service_level"])
def test_an_order_without_what_makes_it_newer_is_refused(field):
    """Covers P1, P8: a version that is older than the stored one could not be told from a newer one."""
    channel = evolve(MOCK, revision={"order": field}, maps={"order": lambda _: evolve(order(), changed_at=None)})
    refused = map_record(channel, "order", {})
    assert refused.value is None
    assert refused.reason == f"the order has no {field}, by which mock tells its newer version"


def test_a_plugin_that_fails_in_its_own_way_is_a_bad_record():
    """Covers P8, P11."""

    def careless(record):
        return record["missing"]

    refused = map_record(evolve(MOCK, maps={"stock": careless}), "stock", GOOD)
    assert refused.reason == "KeyError: 'missing'"


def test_numbers_are_kept_as_they_were_sent():
    """Covers P7."""
    assert (
        map_record(MOCK, "stock", GOOD | {"price": Decimal("19.90")}).body
        == b'{"price":19.90,"quantity":3,"sku":"MUG"}'
    )


def test_personal_data_is_gone_before_the_fingerprint():
    """Covers P9."""
    shy = evolve(MOCK, pii_paths={"stock": ("buyer.email", "lines[].gift")})
    one, two = (
        map_record(shy, "stock", GOOD | {"buyer": {"email": email, "id": 7}, "lines": [{"gift": email, "n": 1}]})
        for email in ("a@example.org", "b@example.org")
    )
    assert one.content_hash == two.content_hash
    assert b"example.org" not in one.body
    assert b'"id":7' in one.body
    assert b'"n":1' in one.body


def test_cutting_leaves_the_record_that_was_sent_alone():
    record = {"a": {"b": 1, "c": 2}}
    assert without(record, ["a", "b"]) == {"a": {"c": 2}}
    assert without(record, ["x", "y"]) == record
    assert record == {"a": {"b": 1, "c": 2}}
