"""What needs a person, and what became of it once the person did it."""

from decimal import Decimal

import pytest
from attrs import evolve

from entrepot.cli import context
from entrepot.model import ProblemKind
from entrepot.sync.announce import open_problem
from entrepot_mock_channel import MOCK
from tests.cli.shop import CATALOG, NOW, SHOP, TEA, document, morning, open_account, take


def bad_page(tx):
    """The middle record has a word for a number."""
    take(tx, document("W-5", 1), document("W-6", "two"), document("W-7", 1))


def park(tx):
    open_problem(tx, ProblemKind.ACCOUNT_PARKED, SHOP, f"account/{SHOP}", "refuses us", "renew them", NOW)


def test_nothing_to_do(entrepot, fill):
    fill(morning)
    assert entrepot("problems").stdout == "Nothing needs a person.\n"


def test_open_problems_are_listed_and_decide_the_exit_code(entrepot, ask, fill):
    """Covers P8, R46: one bad record is told, and the rest of its page is stored."""
    fill(morning, bad_page)
    shown = entrepot("problems", code=1).stdout
    assert shown.split()[:5] == ["id", "since", "account", "problem", "next"]
    assert "P1" in shown
    assert "entrepot problems retry" in " ".join(shown.split())
    (told,) = ask("problems", code=1)
    assert (told["kind"], told["account"]) == ("record_refused", SHOP)
    assert {entry["order"]["external_id"] for entry in ask("orders", "list")} == {"W-1", "W-2", "W-5", "W-7"}


def test_show_prints_the_record_with_path_and_reason(entrepot, ask, fill):
    fill(morning, lambda tx: take(tx, document("W-6", "two", weight=Decimal("19.990"))))
    shown = entrepot("problems", "show", "p1").stdout
    assert '"weight": 19.990' in shown
    assert "expected int, found str 'two' @ $.lines[0].quantity" in shown
    assert '"number": "W-6"' in shown
    assert ask("problems", "show", "1")["open"] is True


def test_retry_takes_in_what_a_mended_mapper_reads(entrepot, ask, fill, monkeypatch):
    """Covers P8, R47: nothing is marked done before it is stored."""
    fill(morning, bad_page)
    assert ask("problems", "retry") == {"taken_in": 0, "refused": 1, "read_anew": 0, "mapped": [], "left": 0}
    mend(monkeypatch)
    assert entrepot("problems", "retry", "P1").stdout == "1 record was taken in\n"
    assert entrepot("problems").stdout == "Nothing needs a person.\n"
    assert ask("problems", "show", "P1")["open"] is False
    assert ask("stock", "show", TEA)["positions"][0]["reserved"] == 7 + 1 + 1 + 2


def mend(monkeypatch):
    def map_order(record):
        line = record["lines"][0] | {"quantity": 2}
        return MOCK.maps["order"](record | {"lines": [line]})

    mended = evolve(MOCK, maps={**MOCK.maps, "order": map_order})
    monkeypatch.setattr(context, "build", with_channel(context.build, mended))


def with_channel(build, channel):
    def built(*args, **kwargs):
        config = build(*args, **kwargs)
        return evolve(config, accounts={id_: evolve(one, channel=channel) for id_, one in config.accounts.items()})

    return built


def test_retry_maps_offers_whose_article_was_added(entrepot, folder, fill):
    fill(open_account, lambda tx: take(tx, document("W-9", 3, offer="SET-XMAS")))
    assert "SET-XMAS" in entrepot("problems", code=1).stdout
    (folder / "skus.csv").write_text(CATALOG + "SET-XMAS,Christmas set\n")
    assert entrepot("problems", "retry").stdout == "1 offer has its article now\n"
    assert entrepot("problems").exit_code == 0
    assert entrepot("stock", "show", "SET-XMAS").stdout.splitlines()[1].split()[:5] == [
        "SET-XMAS",
        "main",
        "0",
        "3",
        "-3",
    ]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("retry", "P1"), "closes by itself once its cause is gone. Next: renew them"),
        (("retry", "P99"), "there is no problem P99"),
        (("show", "P99"), "there is no problem P99"),
        (("show", "first"), "they look like P31"),
    ],
)
def test_what_cannot_be_retried(entrepot, fill, args, told):
    fill(open_account, park)
    assert told in entrepot("problems", *args, code=2).stderr


def test_retry_of_nothing(entrepot, fill):
    fill(morning)
    assert entrepot("problems", "retry").stdout == "There was nothing to retry.\n"
