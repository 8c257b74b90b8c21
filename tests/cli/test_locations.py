"""Two warehouses and one that the channel holds, as a person sees them."""

import pytest
from attrs import evolve

from entrepot.model import Fulfillment, LocationId
from entrepot.sync.intake import take_in
from entrepot.sync.records import map_records
from entrepot_mock_channel import MOCK
from tests.cli.shop import NOW, PLUGINS, SOURCE, TEA, document, offer, open_account

LOCATIONS = """
    [locations]
    venlo = { country = "NL", priority = 2 }
    hamburg = { country = "DE", priority = 1 }
    fba = { held_by = "webshop" }
    [stock]
    hold_if = { changed = "100%" }
"""


@pytest.fixture
def warehouses(folder, fill):
    (folder / "plugins.toml").write_text(PLUGINS + LOCATIONS)
    fill(open_account, offer, lambda tx: tx.accounts.save_locations([LocationId("hamburg"), LocationId("venlo")]))


@pytest.fixture
def counted(entrepot, warehouses):
    entrepot("stock", "count", TEA, "41", "--location", "hamburg", "--at", "2026-11-24T06:00")
    entrepot("stock", "count", TEA, "24", "--location", "venlo", "--at", "2026-11-24T06:00")
    entrepot("stock", "adjust", TEA, "-1", "--location", "hamburg")


def places(entries):
    return {entry["location"]: (entry["on_hand"], entry["reserved"]) for entry in entries}


def test_a_count_is_of_its_location(ask, counted):
    """Covers P2."""
    assert places(ask("stock", "show", TEA)["positions"]) == {"hamburg": (40, 0), "venlo": (24, 0)}
    assert ask("stock", "count", TEA, "30", "--location", "venlo")["recorded"]
    assert ask("stock", "receive", TEA, "5", "--location", "hamburg")["recorded"]
    assert places(ask("stock", "show")) == {"hamburg": (45, 0), "venlo": (30, 0)}
    (row,) = ask("offers", "list")
    assert row["desired"] == 75 - 7


@pytest.mark.parametrize("command", [("count", TEA, "3"), ("receive", TEA, "3"), ("adjust", TEA, "3")])
@pytest.mark.parametrize(
    ("where", "told"),
    [
        ((), "say where: --location hamburg | venlo"),
        (("--location", "hambrg"), "there is no location hambrg; nearest is hamburg"),
        (("--location", "main"), "there is no location main; known are hamburg, venlo"),
        (("--location", "fba"), "fba is held by webshop: what is there the channel says"),
    ],
)
def test_where_must_be_said_and_be_ours(entrepot, ask, counted, command, where, told):
    assert told in entrepot("stock", *command, *where, code=2).stderr
    assert places(ask("stock", "show")) == {"hamburg": (40, 0), "venlo": (24, 0)}


def test_without_the_table_nothing_has_to_be_said(ask):
    assert places(ask("stock", "count", TEA, "3")["positions"]) == {"main": (3, 0)}
    assert places(ask("stock", "count", TEA, "4", "--location", "main")["positions"]) == {"main": (4, 0)}


def test_why_adds_up_what_lies_where(entrepot, ask, counted):
    lines = entrepot("offers", "why", TEA).stdout.splitlines()
    assert lines[1] == "  on hand   64  hamburg 40, venlo 24: count of 06:00:00 and 1 movement since"
    entrepot("stock", "count", TEA, "24", "--location", "venlo", "--at", "2026-11-24T07:00")
    lines = entrepot("offers", "why", TEA).stdout.splitlines()
    assert lines[1] == "  on hand   64  hamburg 40, venlo 24: counts of 06:00:00 to 07:00:00 and 1 movement since"
    (told,) = ask("offers", "why", TEA)
    found = [(one["location"], one["on_hand"]) for one in told["explanation"]["parts"][0]["places"]]
    assert found == [("hamburg", 40), ("venlo", 24)]


def test_what_was_never_counted_somewhere_is_told(entrepot, warehouses):
    entrepot("stock", "count", TEA, "41", "--location", "hamburg", "--at", "2026-11-24T06:00")
    entrepot("stock", "adjust", TEA, "2", "--location", "venlo")
    lines = entrepot("offers", "why", TEA).stdout.splitlines()
    assert lines[1].endswith("hamburg 41, venlo 2: count of 06:00:00, venlo never counted, and 1 movement since")


def test_what_the_channel_holds_has_the_name_that_the_merchant_gave_it(entrepot, fill, counted):
    """Covers P4: it is shown, and counts nowhere as ours."""
    (record,) = map_records(MOCK, "order", [document("W-7", 2)])
    theirs = evolve(record, value=evolve(record.value, fulfillment=Fulfillment.CHANNEL))
    fill(lambda tx: take_in(tx, SOURCE, [theirs], NOW))
    shown = [line.split()[:4] for line in entrepot("stock", "show", TEA).stdout.splitlines()[1:4]]
    assert shown == [[TEA, "hamburg", "40", "0"], [TEA, "fba", "0", "2"], [TEA, "venlo", "24", "0"]]
    assert entrepot("offers", "why", TEA).stdout.splitlines()[1].split()[:3] == ["on", "hand", "64"]


# Imports


def sheet(folder, *lines, first="sku;quantity;location"):
    (folder / "erp.csv").write_text("\n".join([first, *lines]) + "\n", "utf-8")
    return ("stock", "import", "erp.csv", "--counted-at", "2026-11-24T06:00")


def test_an_import_counts_the_locations_that_it_names(ask, folder, counted):
    told = ask(*sheet(folder, f"{TEA};50;venlo"))
    assert told["figures"]["raised"] == 1
    assert places(ask("stock", "show")) == {"hamburg": (40, 0), "venlo": (50, 0)}


def test_the_same_article_at_two_locations_is_two_counts(ask, folder, warehouses):
    told = ask(*sheet(folder, f"{TEA};40;hamburg", f"{TEA};24;venlo"))
    assert (told["figures"]["new"], told["refused"]) == (2, [])
    assert places(ask("stock", "show")) == {"hamburg": (40, 0), "venlo": (24, 0)}


def test_a_location_that_is_none_is_refused_by_line_with_the_nearest_name(ask, folder, counted):
    """Covers P8: three of the lines, and the fourth is taken."""
    lines = [f"{TEA};1;hambrg", f"{TEA};1;fba", "MUG-BLUE;1;", "MUG-BLUE;5;venlo"]
    told = ask(*sheet(folder, *lines), code=1)
    assert [(one["line"], one["reason"]) for one in told["refused"]] == [
        (2, "unknown location hambrg; nearest is hamburg"),
        (3, "fba is held by a channel, which says itself what is there"),
        (4, "no location; known: hamburg, venlo"),
    ]
    assert [one["on_hand"] for one in ask("stock", "show", "MUG-BLUE")["positions"]] == [5]


def test_a_file_without_the_column_is_refused_whole_where_there_are_several(entrepot, folder, counted):
    told = entrepot(*sheet(folder, f"{TEA};1", first="sku;quantity"), code=2).stderr
    assert "it has no column location. Next: add it, for the counts may be of any of hamburg, venlo" in told


def test_where_there_is_one_location_it_need_not_be_named(ask, folder):
    (folder / "plugins.toml").write_text(PLUGINS + "[locations]\nhamburg = {}\n")
    ask(*sheet(folder, f"{TEA};9", first="sku;quantity"))
    assert places(ask("stock", "show")) == {"hamburg": (9, 0)}


# Starts and reloads


def test_a_location_that_is_gone_and_not_empty_stops_a_start(entrepot, folder, counted):
    """Covers P8."""
    served = PLUGINS.replace("settings =", 'simulator = "http://127.0.0.1:9"\n    settings =')
    (folder / "plugins.toml").write_text(served + "[locations]\nhamburg = {}\n")
    told = entrepot("sync", "webshop", code=78).stderr
    assert "E504 plugins.toml: locations.venlo" in told
