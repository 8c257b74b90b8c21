"""`offers match` and `map`: from a channel's names to the merchant's articles."""

import csv
from datetime import timedelta

import pytest

from entrepot.cli.context import Home
from entrepot.cli.demo.stage import set_stage
from entrepot.model import Fulfillment, Sku, StockLevel
from entrepot.sync.observing import Look, see_levels
from tests.cli.shop import CATALOG, NOW, SHOP, TEA, before, document, morning, offer, open_account, take


def sheet(folder):
    with (folder / "unmapped-webshop.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def fill(folder, **skus):
    rows = sheet(folder)
    with (folder / "unmapped-webshop.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"sku": skus.get(row["offer"].replace("-", "_"), "")} for row in rows)


@pytest.fixture
def strangers(fill):
    """Two that no article is named like, one of which sold; one that the channel holds; one that was only ordered."""
    fill(
        morning,
        lambda tx: offer(tx, "SET-XMAS", sku=None),
        lambda tx: offer(tx, "OLD-NAME", sku=None),
        lambda tx: tx.offers.see(SHOP, "HELD", Fulfillment.CHANNEL, 5, before(hours=3)),
        lambda tx: take(tx, document("W-7", 3, offer="OLD-NAME"), document("W-8", 5, offer="ONLY-ORDERED")),
    )
    return fill


def test_unmapped_offers_are_listed_most_sold_first(entrepot, folder, strangers):
    assert entrepot("offers", "match").stdout.splitlines() == [
        "account   offers   same SKU   by hand   unmapped   held by the channel",
        "webshop        5          1         0          4                     1",
        "unmapped-webshop.csv has 4 unmapped offers, most sold first; sold in the last 30 days: 2.",
        'Next: fill its column "sku", then: entrepot offers match --file unmapped-webshop.csv',
    ]
    assert [(row["offer"], row["sold_30_days"], row["orders_waiting"], row["sku"]) for row in sheet(folder)] == [
        ("ONLY-ORDERED", "5", "1", ""),
        ("OLD-NAME", "3", "1", ""),
        ("HELD", "0", "0", ""),
        ("SET-XMAS", "0", "0", ""),
    ]


def test_equal_names_match_by_themselves(ask, folder, strangers):
    (folder / "skus.csv").write_text(CATALOG + "SET-XMAS,Gift set\nOLD-NAME,Tea\n")
    (told,) = ask("offers", "match", "webshop")
    assert (told["same_sku"], told["unmapped"]) == (3, 2)
    assert [row["offer"] for row in sheet(folder)] == ["ONLY-ORDERED", "HELD"]


def test_the_filled_file_is_taken_and_waiting_orders_take_effect(entrepot, ask, folder, strangers):
    entrepot("offers", "match")
    fill(folder, OLD_NAME="TEA-ASSAM-250", SET_XMAS="TEA-ASSAM-250=2; MUG-BLUE")
    (told,) = ask("offers", "match", "--file", "unmapped-webshop.csv")
    assert (told["by_hand"], told["unmapped"]) == (2, 2)
    assert [row["offer"] for row in sheet(folder)] == ["ONLY-ORDERED", "HELD"]
    (tea,) = (row for row in ask("stock", "show") if row["sku"] == TEA)
    assert tea["reserved"] == 7 + 3  # the open order of the morning, and the one that waited
    assert "takes 2 of TEA-ASSAM-250" in " ".join(entrepot("offers", "why", "SET-XMAS").stdout.split())


def test_where_a_line_cannot_be_used_none_is(entrepot, ask, folder, strangers):
    entrepot("offers", "match")
    fill(folder, ONLY_ORDERED="TEA-ASAM-250", OLD_NAME="TEA-ASSAM-250", SET_XMAS="MUG-BLUE=0")
    told = entrepot("offers", "match", "--file", "unmapped-webshop.csv", code=2).stderr
    assert told.splitlines() == [
        "Error: 2 lines cannot be used, so none was.",
        "  unmapped-webshop.csv line 2: there is no SKU TEA-ASAM-250; nearest is TEA-ASSAM-250",
        "  unmapped-webshop.csv line 5: MUG-BLUE=0: each article once, with one unit or more",
    ]
    entrepot("offers", "match")
    assert [row["sku"] for row in sheet(folder)] == ["TEA-ASAM-250", "TEA-ASSAM-250", "", "MUG-BLUE=0"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("offer,sku\nOLD-NAME,TEA-ASSAM-250\n", "its first line lacks account"),
        ('account,offer,sku\n"webshop', "save it as CSV in UTF-8"),
        (
            "account,offer,sku\nwebshp,OLD-NAME,MUG-BLUE\n",
            "line 2: there is no account webshp; nearest is webshop",
        ),
    ],
)
def test_a_file_that_is_none_of_these(entrepot, folder, strangers, text, words):
    (folder / "other.csv").write_text(text)
    assert words in entrepot("offers", "match", "--file", "other.csv", code=2).stderr


def test_a_spreadsheets_semicolons_are_read(ask, folder, strangers):
    (folder / "saved.csv").write_text("﻿account;offer;sku\nwebshop;OLD-NAME;MUG-BLUE\n", "utf-8")
    (told,) = ask("offers", "match", "--file", "saved.csv")
    assert told["by_hand"] == 1


def test_an_offer_is_mapped_to_a_bundle_and_then_to_another(entrepot, ask, strangers):
    shown = entrepot("offers", "map", "webshop", "OLD-NAME", "TEA-ASSAM-250=2", "MUG-BLUE").stdout
    assert shown.splitlines() == [
        "OLD-NAME on webshop takes 2 of TEA-ASSAM-250 and 1 of MUG-BLUE (version 1).",
        "1 order that waited for it took effect.",
        "Next: entrepot offers why OLD-NAME --account webshop",
    ]
    assert "Nothing changed" in entrepot("offers", "map", "webshop", "OLD-NAME", "MUG-BLUE", "TEA-ASSAM-250=2").stdout
    assert ask("offers", "map", "webshop", "OLD-NAME", "MUG-BLUE")["version"] == 2
    order = ask("orders", "show", "W-7")
    taken = {(one["sku"], one["per_unit"], one["bundle_version"]) for one in order["targets"]["1"]}
    assert taken == {(TEA, 2, 1), ("MUG-BLUE", 1, 1)}  # it came under the first one, and keeps it


def test_an_offer_that_was_only_ordered_is_looked_at_before_anything_is_published(entrepot, strangers):
    """Covers R58: nobody knows yet who fulfills it."""
    shown = entrepot("offers", "map", "webshop", "ONLY-ORDERED", "TEA-ASSAM-250").stdout
    assert "webshop was never asked for it, and is now, by entrepot run, or by: entrepot sync webshop" in shown
    row, due = strangers(lambda tx: (tx.offers.find(SHOP, "ONLY-ORDERED"), tx.offers.to_verify(SHOP, NOW, 9)))
    assert (row.desired, due) == (None, ["ONLY-ORDERED"])


@pytest.mark.parametrize(
    ("fulfillment", "desired"), [(Fulfillment.MERCHANT, 64 - 7 - 5 - 7), (Fulfillment.CHANNEL, None)]
)
def test_once_it_was_looked_at_what_we_fulfill_is_published(entrepot, strangers, fulfillment, desired):
    """On hand, less open orders, those that waited, and the buffer."""
    entrepot("offers", "map", "webshop", "ONLY-ORDERED", "TEA-ASSAM-250")
    level = StockLevel("ONLY-ORDERED", 60, fulfillment=fulfillment)
    look = Look(NOW, timedelta(minutes=1))

    def work(tx):
        see_levels(tx, tx.accounts.find(SHOP), [level], look, NOW)
        return tx.offers.find(SHOP, "ONLY-ORDERED"), tx.offers.to_push(SHOP, NOW, 9)

    row, pushed = strangers(work)
    assert row.desired == desired
    assert ("ONLY-ORDERED" in {one.external_id for one in pushed}) == (desired is not None)
    if desired is not None:
        assert (row.shown, row.fulfillment) == (60, fulfillment)


def test_who_fulfills_an_offer_may_change(fill):
    """Covers R58."""
    levels = [StockLevel(TEA, 60, fulfillment=one) for one in (Fulfillment.CHANNEL, Fulfillment.MERCHANT)]

    def look(level):
        def work(tx):
            see_levels(tx, tx.accounts.find(SHOP), [level], Look(NOW, timedelta(minutes=1)), NOW)
            return {one.external_id for one in tx.offers.to_push(SHOP, NOW, 9)}

        return work

    fill(morning)
    assert [fill(look(level)) for level in levels] == [set(), {TEA}]


def test_the_problem_closes(ask, entrepot, strangers):
    assert any("ONLY-ORDERED" in one["message"] for one in ask("problems", code=1))
    entrepot("offers", "map", "webshop", "ONLY-ORDERED", "TEA-ASSAM-250")
    assert not any("ONLY-ORDERED" in one["message"] for one in ask("problems", code=1))


def test_a_sku_that_ends_like_a_number_of_units(ask, folder, strangers):
    (folder / "skus.csv").write_text(CATALOG + "CUP=2,Two cups\n")
    assert ask("offers", "map", "webshop", "OLD-NAME", "CUP=2")["parts"] == {"CUP=2": 1}
    assert ask("offers", "map", "webshop", "OLD-NAME", "CUP=2=3")["parts"] == {"CUP=2": 3}


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("webshp", "OLD-NAME", "MUG-BLUE"), "there is no account webshp; nearest is webshop"),
        (("webshop", "OLD-NAME", "MUG-BLU=2"), "there is no SKU MUG-BLU; nearest is MUG-BLUE"),
        (("webshop", "OLD-NAME", "MUG-BLUE", "MUG-BLUE=2"), "each article once"),
    ],
)
def test_refusals_of_map(entrepot, strangers, args, words):
    assert words in entrepot("offers", "map", *args, code=2).stderr


def test_an_account_that_was_never_started(entrepot, fill):
    fill(lambda tx: None)
    assert "Next: entrepot sync webshop" in entrepot("offers", "map", "webshop", "X", "MUG-BLUE", code=2).stderr


def test_without_an_account_there_is_nothing_to_match(entrepot, fill):
    fill(lambda tx: None)
    assert "No account was started yet" in entrepot("offers", "match").stdout
    fill(open_account, lambda tx: offer(tx, "MUG", sku=Sku("MUG-BLUE")))
    assert "by hand" in entrepot("offers", "match").stdout


@pytest.fixture
def named(folder):
    """plugins.toml names a file for the web shop."""
    text = (folder / "plugins.toml").read_text()
    (folder / "plugins.toml").write_text(text.replace("settings =", 'offers = "names.csv"\n    settings ='))
    return folder / "names.csv"


def test_a_file_that_plugins_toml_names_is_taken_each_time(ask, named, strangers):
    named.write_text("offer,sku\nOLD-NAME,MUG-BLUE\n")
    assert [one["by_hand"] for one in (*ask("offers", "match"), *ask("offers", "match", "webshop"))] == [1, 1]
    named.write_text("offer,sku\nOLD-NAME,MUG-BLUE\nSET-XMAS,MUG-BLUE=2\n")
    (told,) = ask("offers", "match")
    assert told["by_hand"] == 2


def test_a_slip_in_that_file_is_told_with_its_line(entrepot, named, strangers):
    named.write_text("offer,sku\nOLD-NAME,MUG-BLU\n")
    told = entrepot("offers", "match", code=2).stderr
    assert "  names.csv line 2: there is no SKU MUG-BLU; nearest is MUG-BLUE" in told


def test_a_file_that_is_named_and_not_there(entrepot, named):
    assert entrepot("offers", "match", code=78).stderr.startswith("E115 plugins.toml: accounts.webshop.offers\n")


def test_the_demo_finds_that_file_from_its_own_folder(named, folder):
    named.write_text("offer,sku\n")
    stage = set_stage(Home(folder / "plugins.toml"))
    assert stage.config.accounts["webshop"].offers.read_text() == "offer,sku\n"
