"""docs/reference/channel-api.md: within a major version things are added with a default, and nothing else."""

import json

import pytest

from entrepot.channel import API_VERSION
from tests.channel.surface import RECORD, surface

RECORDED = json.loads(RECORD.read_text("utf-8"))
ADVICE = "that is another channel API: raise its major version (or, before the first release, record this one anew)"


def broken(recorded, present):
    """What a plugin of the recorded version would stumble over."""
    for place, names in recorded["names"].items():
        yield from (f"{place}.{name} is gone" for name in set(names) - set(present["names"][place]))
    for part in ("fields", "hooks", "ports"):
        for owner, words in recorded[part].items():
            yield from (f"{owner}: {word}" for word in _changed(words, present[part].get(owner)))
    for part in ("operations", "facts"):
        for name, required in present[part].items():
            if name in recorded[part]:
                yield from (f"{name} requires {more}" for more in set(required) - set(recorded[part][name]))


def _changed(recorded, present):
    if present is None:
        yield "is gone"
        return
    yield from (f"{name} is gone" for name in recorded.keys() - present.keys())
    yield from (f"{name} is required" for name, required in present.items() if required and not recorded.get(name))


def test_nothing_of_this_version_is_gone_or_became_required():
    assert RECORD.name == f"api-{API_VERSION.partition('.')[0]}.0.json"
    assert sorted(broken(RECORDED, surface())) == [], ADVICE


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda now: now["names"]["entrepot.channel"].remove("PushStock"), "entrepot.channel.PushStock is gone"),
        (lambda now: now["fields"]["FetchOrders"].pop("cursor"), "FetchOrders: cursor is gone"),
        (lambda now: now["fields"]["RecordPage"].update(total=True), "RecordPage: total is required"),
        (lambda now: now["fields"]["RecordPage"].update(next_cursor=True), "RecordPage: next_cursor is required"),
        (lambda now: now["operations"]["stock"].append("fetch_offers"), "stock requires fetch_offers"),
        (lambda now: now["facts"]["push_stock"].append("pause"), "push_stock requires pause"),
        (lambda now: now["hooks"].pop("order_changed"), "order_changed: is gone"),
        (lambda now: now["hooks"]["order_changed"].update(store=True), "order_changed: store is required"),
        (lambda now: now["ports"]["Http.get"].pop("spend"), "Http.get: spend is gone"),
    ],
)
def test_a_breaking_change_is_seen(change, told):
    present = json.loads(RECORD.read_text("utf-8"))
    change(present)
    assert list(broken(RECORDED, present)) == [told]


def test_an_addition_with_a_default_is_none():
    present = json.loads(RECORD.read_text("utf-8"))
    present["names"]["entrepot.model"].append("Refund")
    present["fields"]["FetchOrders"]["statuses"] = False
    present["operations"]["refunds"] = ["fetch_refunds"]
    present["facts"]["fetch_refunds"] = ["page_size"]
    present["hooks"]["refund_seen"] = {"event": True}
    assert list(broken(RECORDED, present)) == []
