"""Counts of many articles at once, as a person imports them."""

import gc
import os

import pytest

from tests.cli.shop import NOW, TEA, before, morning

AT_SIX = "2026-11-24T06:00"


@pytest.fixture
def sheet(folder):
    """Write a file of so many lines, as of six o'clock."""

    def write(*lines, name="erp-2026-11-24.csv", first="sku;quantity;counted_at"):
        path = folder / name
        path.write_text("\n".join([first, *lines]) + "\n", "utf-8")
        os.utime(path, (NOW.timestamp() - 3600, NOW.timestamp() - 3600))
        return name

    return write


@pytest.fixture
def assortment(folder):
    """A hundred more articles, of which each is counted."""
    skus = [f"CUP-{number:02d}" for number in range(100)]
    with (folder / "skus.csv").open("a") as catalog:
        catalog.writelines(f"{sku},A cup\n" for sku in skus)
    return skus


def test_a_dry_run_tells_everything_and_writes_nothing(entrepot, ask, fill, sheet):
    fill(morning)
    name = sheet(f"{TEA};60;{AT_SIX}", f"MUG-BLUE;9;{AT_SIX}", "TEA-ASAM-250;1;", "MUG-BLU;-3;")
    assert entrepot("stock", "import", name, "--dry-run").stdout.splitlines() == [
        "4 lines, counted on hand 2026-11-24 06:00 Europe/Berlin",
        "unchanged 0   raised 0   lowered 1   to zero 0   new 1   refused 2",
        "  line 4   TEA-ASAM-250   unknown SKU; nearest is TEA-ASSAM-250",
        "  line 5   MUG-BLU        on hand -3; a count cannot be negative",
        "guard     to zero 0.0 % of 10 %, changed 100.0 % of 50 %: would be held",
        "Nothing was written.",
    ]
    assert ask("stock", "imports") == []
    assert [one["on_hand"] for one in ask("stock", "show")] == [64]


def test_an_import_is_told_and_listed(entrepot, ask, sheet, assortment):
    name = sheet(*(f"{sku};{place}" for place, sku in enumerate(assortment)), first="sku;quantity")
    lines = entrepot("stock", "import", name).stdout.splitlines()
    assert lines[0] == "100 lines, counted on hand 2026-11-24 10:41 Europe/Berlin", "when the file was written"
    assert lines[-1] == "Import 1 is valid, and every offer's quantity has followed."
    assert len(ask("stock", "show")) == 100
    assert entrepot("stock", "imports").stdout.splitlines()[1].split()[2:] == [name, "done", "100", "0", "0", "0"]
    again = entrepot("stock", "import", name).stdout.splitlines()[-1]
    assert again.startswith("Nothing changed: the same content was imported as import 1")
    assert ask("stock", "import", name, "--dry-run")["repeated"]


def test_a_file_of_which_most_is_refused_ends_with_exit_code_1(entrepot, ask, sheet, assortment):
    entrepot("stock", "import", sheet(f"{TEA};60;", "NOBODY;1;"))
    most = sheet("MUG-BLUE;9;", "NOBODY;1;", "NEMO;1;")
    entrepot("stock", "import", most, "--dry-run")
    entrepot("stock", "import", most, code=1)
    assert ask("stock", "show", "MUG-BLUE")["positions"][0]["on_hand"] == 9, "what can be taken is taken"


def test_what_is_loaded_is_spared_by_the_garbage_collector(entrepot, sheet, assortment):
    """A full collection in the middle of a transaction would make others wait for 50 ms."""
    gc.unfreeze()
    try:
        entrepot("stock", "import", sheet(f"{assortment[0]};5;"))
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_a_later_instant_is_another_count(ask, sheet, assortment):
    name = sheet(*(f"{sku};5" for sku in assortment), first="sku;quantity")
    ask("stock", "import", name)
    ask("stock", "receive", assortment[0], "3")
    assert not ask("stock", "import", name, "--counted-at", "2026-11-24T11:41:50")["repeated"]
    assert ask("stock", "show", assortment[0])["positions"][0]["on_hand"] == 5


def test_a_mass_change_is_held_with_exit_code_4_until_it_is_approved(entrepot, ask, sheet, assortment):
    """Covers P8."""
    ask("stock", "import", sheet(*(f"{sku};5;{AT_SIX}" for sku in assortment)))
    emptied = [f"{sku};{0 if place < 30 else 5};2026-11-24T07:00" for place, sku in enumerate(assortment)]
    held = entrepot("stock", "import", sheet(*emptied), code=4).stdout.splitlines()
    assert held[-2:] == [
        "guard     to zero 30.0 % of 10 %, changed 30.0 % of 50 %: held",
        "Import 2 is held; nothing of it is valid. Next: entrepot stock approve 2, or: entrepot stock discard 2",
    ]
    assert "import_held" in entrepot("problems", "show", "P1").stdout
    assert sum(one["on_hand"] for one in ask("stock", "show")) == 500
    assert ask("stock", "import", "erp-2026-11-24.csv", code=4)["id"] == 2
    entrepot("stock", "approve", "2")
    assert sum(one["on_hand"] for one in ask("stock", "show")) == 350
    assert "is not held; it is done" in entrepot("stock", "approve", "2", code=2).stderr
    entrepot("problems")


def test_a_held_import_can_be_discarded(entrepot, ask, sheet, assortment):
    ask("stock", "import", sheet(*(f"{sku};5;{AT_SIX}" for sku in assortment)))
    ask("stock", "import", sheet(*(f"{sku};0;2026-11-24T07:00" for sku in assortment)), code=4)
    assert ask("stock", "discard", "2")["state"] == "discarded"
    assert sum(one["on_hand"] for one in ask("stock", "show")) == 500
    entrepot("problems")


def test_the_guard_and_the_meaning_are_configured(entrepot, ask, fill, folder, sheet):
    fill(morning)
    toml = folder / "plugins.toml"
    stock = '\n[stock]\ncounts = "available"\nhold_if = { zeroed = "0.5%", changed = "100%" }\n'
    toml.write_text(toml.read_text() + stock)
    lines = entrepot("stock", "import", sheet(f"{TEA};30;2026-11-24T11:41:30")).stdout.splitlines()
    assert lines[0] == "1 line, counted available 2026-11-24 11:41 Europe/Berlin"
    assert lines[2:4] == [
        "still inside the counts: 7 units of open orders that had not left then; they stay reserved",
        "guard     to zero 0.0 % of 0.5 %, changed 100.0 % of 100 %: applied",
    ]
    assert [(one["on_hand"], one["available"]) for one in ask("stock", "show")] == [(37, 30)]
    assert [one["available"] for one in ask("stock", "count", TEA, "20")["positions"]] == [20]
    entrepot("stock", "import", sheet(f"{TEA};1;2026-11-24T11:41:40"), "--meaning", "on_hand")
    assert [one["on_hand"] for one in ask("stock", "show")] == [27], "counted before the last count"


def test_refused_lines_stay_listed(entrepot, ask, sheet, assortment):
    lines = [f"{sku};5;{AT_SIX}" for sku in assortment[:3]] + [f"NO-{number};1;" for number in range(12)]
    shown = entrepot("stock", "import", sheet(*lines), code=1).stdout
    assert (shown.count("unknown SKU"), "(2 more: --all)" in shown) == (10, True)
    assert entrepot("stock", "imports", "1").stdout.count("unknown SKU") == 12
    assert len(ask("stock", "imports", "1")["refused"]) == 12
    problems = entrepot("problems", code=1).stdout
    assert "12 of 15 lines" in problems
    assert entrepot("stock", "import", "erp-2026-11-24.csv", "--dry-run", "--all").stdout.count("unknown SKU") == 12


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["import", "nothing.csv"], 2, "it cannot be read"),
        (["import", "skus.csv"], 2, "skus.csv: the first line names no columns sku and quantity"),
        (["import", "skus.csv", "--counted-at", "six"], 2, "'six' is no instant"),
        (["import", "skus.csv", "--counted-at", "2026-12-24T06:00"], 4, "lies ahead"),
        (["imports", "7"], 2, "there is no import 7"),
        (["discard", "7"], 2, "there is no import 7"),
        (["show", "--at", "2026-11-24T06:00"], 2, "--at is of one article"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(entrepot, fill, words, code, message):
    fill(morning)
    assert message in entrepot("stock", *words, code=code).stderr


def test_nothing_was_imported_yet(entrepot, fill):
    fill(morning)
    assert "Next: entrepot stock import FILE.csv --dry-run" in entrepot("stock", "imports").stdout


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (before(hours=6), (0, 0, False)),
        (before(hours=5), (61, 0, True)),
        (before(hours=2), (61, 8, True)),
        (before(minutes=75), (60, 7, True)),
        (NOW, (64, 7, True)),
    ],
)
def test_an_article_as_it_was(ask, fill, at, expected):
    fill(morning)
    (entry,) = ask("stock", "show", TEA, "--at", at.isoformat())
    assert (entry["on_hand"], entry["reserved"], entry["known"]) == expected
