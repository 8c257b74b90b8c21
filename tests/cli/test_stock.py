"""What lies where, and what the merchant tells of it."""

import pytest

from tests.cli.shop import SHOP, TEA, document, morning, open_account, take


def available(entries):
    return [(entry["on_hand"], entry["reserved"], entry["available"]) for entry in entries]


def test_the_first_count_makes_the_database(entrepot, folder):
    shown = entrepot("stock", "count", TEA, "40").stdout
    assert shown.splitlines()[1].split() == [TEA, "main", "40", "0", "40", "-"]
    assert (folder / "shop.db").exists()


def test_a_count_a_receipt_and_a_loss_add_up(entrepot, ask, fill):
    fill(morning)
    assert available(ask("stock", "count", TEA, "60", "--at", "2026-11-24T11:41:30")["positions"]) == [(60, 7, 53)]
    assert available(ask("stock", "receive", TEA, "5")["positions"]) == [(65, 7, 58)]
    assert available(ask("stock", "adjust", TEA, "-3")["positions"]) == [(62, 7, 55)]
    assert entrepot("stock", "adjust", TEA, "--", "-3").stdout.split()[-4:-1] == ["59", "7", "52"]


def test_a_count_of_available_units_leaves_the_reserved_ones_inside(ask, fill):
    fill(morning)
    assert available(ask("stock", "count", TEA, "30", "--meaning", "available")["positions"]) == [(37, 7, 30)]


def test_what_the_merchant_tells_changes_the_wish_at_once(ask, fill):
    fill(morning)
    ask("stock", "receive", TEA, "10")
    (row,) = ask("offers", "list")
    assert row["desired"] == 60


def test_the_same_reference_changes_nothing_twice(entrepot, ask, fill):
    """Covers P2."""
    fill(morning)
    entrepot("stock", "receive", TEA, "5", "--reference", "delivery-10")
    again = ask("stock", "receive", TEA, "5", "--reference", "delivery-10")
    assert (again["recorded"], available(again["positions"])) == (False, [(69, 7, 62)])
    assert "Nothing changed" in entrepot("stock", "receive", TEA, "5", "--reference", "delivery-10").stdout


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (("count", "TEA-ASAM-250", "3"), 2, "nearest is TEA-ASSAM-250"),
        (("count", TEA, "-3"), 2, "No such option"),
        (("receive", TEA, "0"), 2, "not in the range"),
        (("count", TEA, "3", "--at", "yesterday"), 2, "no instant"),
        (("count", TEA, "3", "--at", "2026-11-25T06:00"), 4, "lies ahead"),
        (("show", "TEA-ASAM-250"), 2, "nearest is TEA-ASSAM-250"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(entrepot, ask, fill, args, code, told):
    fill(morning)
    assert told in entrepot("stock", *args, code=code).stderr
    assert available(ask("stock", "show")) == [(64, 7, 57)]


def test_show_of_an_article_tells_everything_that_moved_it(entrepot, ask, fill):
    fill(morning)
    lines = entrepot("stock", "show", TEA).stdout.splitlines()
    assert [line.split()[2:5] for line in lines[4:]] == [
        ["count", "=", "61"],
        ["shipment", "-1", "main"],
        ["receipt", "+4", "main"],
    ]
    assert ask("stock", "show", TEA)["counts"][0]["on_hand"] == 61


def test_an_article_that_was_only_ordered_is_not_an_empty_one(entrepot, fill):
    fill(open_account, lambda tx: take(tx, document("W-1", 2)))
    assert "never counted: nothing is published" in entrepot("stock", "show").stdout
    assert SHOP in entrepot("orders", "list").stdout


@pytest.mark.parametrize("command", ["count", "receive", "adjust"])
@pytest.mark.parametrize("mistyped", ["TEA-ASAM-250", "tea-assam-250"])
def test_a_mistyped_sku_names_the_nearest(entrepot, command, mistyped):
    assert "nearest is TEA-ASSAM-250" in entrepot("stock", command, mistyped, "5", code=2).stderr
