"""What a channel sends, compared with what it documents."""

import pytest
from attrs import evolve, frozen
from structlog.testing import capture_logs

from entrepot.channel import fields_of
from entrepot.sync.schema_drift import ENOUGH, LONGEST, MOST, OTHERS, SchemaDrift
from entrepot_mock_channel import MOCK
from tests.sync.rig import PAGED, live


def documenting(*paths, personal=()):
    channel = evolve(MOCK, documented={"order": paths}, pii_paths={"order": personal, "stock": ()})
    return SchemaDrift("shop", channel)


def test_fields_that_are_new_or_never_come_are_told_and_fail_nothing(tmp_path):
    """Covers R99: the shop sends shipping and titles beside its documentation, and never the note that is in it."""
    told = set(MOCK.documented["order"]) - {"shipping", "lines[].title"} | {"lines[].gift.note"}
    channel = evolve(PAGED, documented={"order": tuple(told)})

    async def story(rig):
        with capture_logs() as logs:
            numbers = await rig.place(ENOUGH + 10, seconds=10)
            await rig.wait(hours=2)
        assert set(await rig.stored()) == set(numbers)
        drift = rig.life._daemon.worker.accounts["shop"].reader.drift
        assert drift.unknown.keys() == {("order", "shipping"), ("order", "lines[].title")}
        assert drift.unknown["order", "shipping"] == drift.records["order"] > ENOUGH
        assert drift.by_kind() == {"order": 1}
        logged = [entry for entry in logs if entry["event"] in {"unknown_field", "fields_never_sent"}]
        assert [entry.get("field") or entry["fields"] for entry in logged] == [
            "shipping",
            "lines[].title",
            ["lines[].gift"],
        ]
        await rig.life.drain()

    live(tmp_path, story, channel=channel)


def test_what_comes_as_documented_is_no_news(tmp_path):
    async def story(rig):
        await rig.place(ENOUGH, seconds=10)
        await rig.wait(hours=1)
        drift = rig.life._daemon.worker.accounts["shop"].reader.drift
        assert (drift.unknown, drift.never_sent("order"), drift.never_sent("stock")) == ({}, [], [])
        await rig.life.drain()

    live(tmp_path, story)


def test_a_record_counts_once_and_lists_are_gone_through():
    drift = documenting("lines[].id", "total.amount", "extra")
    drift.note("order", [{"lines": [{"id": 1, "new": 2}, {"new": 3}], "total": None, "extra": {"anything": [1]}}] * 2)
    assert drift.unknown == {("order", "lines[].new"): 2}


def test_nothing_is_missed_before_there_were_enough():
    drift = documenting("id", "note")
    drift.note("order", [{"id": 1}] * (ENOUGH - 1))
    assert drift.never_sent("order") == []
    drift.note("order", [{"id": 1}])
    assert drift.never_sent("order") == ["note"]
    drift.note("order", [{"note": ""}])
    assert drift.never_sent("order") == []


def test_personal_data_is_not_missed_nor_looked_into():
    """Covers P9."""
    drift = documenting("id", "buyer.email", "buyer.name", "tax.number", personal=("buyer.email", "buyer.more", "tax"))
    drift.note("order", [{"id": 1, "buyer": {"name": "x", "more": {"a@b.example": 1}}}] * ENOUGH)
    assert (drift.unknown, drift.never_sent("order")) == ({}, [])
    withheld = documenting("buyer.email", "id", personal=("buyer.email",))
    withheld.note("order", [{"id": 1}] * ENOUGH)
    assert withheld.never_sent("order") == []


def test_data_used_as_names_fills_no_memory():
    drift = documenting("id")
    drift.note("order", [{f"{number:03}" + "x" * 100: 1} for number in range(MOST + 30)])
    assert len(drift.unknown) == MOST + 1
    assert drift.unknown["order", OTHERS] == 30
    assert all(len(path) <= LONGEST for _, path in drift.unknown)


def test_a_kind_that_is_not_documented_is_not_compared():
    drift = documenting("id")
    drift.note("stock", [{"sku": "TEA"}] * ENOUGH)
    assert (drift.unknown, drift.records) == ({}, {})


@frozen
class Part:
    units: int | None


@frozen
class Whole:
    name: str
    parts: list[Part]
    tags: tuple[str, ...]
    main: Part | None = None


def test_fields_of_a_class():
    assert fields_of(Whole) == ("name", "parts[].units", "tags[]", "main.units")


@pytest.mark.parametrize("kind", ["order", "stock"])
def test_the_template_documents_its_records(kind):
    assert MOCK.documented[kind]
