"""`offers unmap`: a typo of `offers map` is undone, and its problem with it."""

from datetime import timedelta

import pytest

from entrepot.model import Fulfillment, ProblemKind, Sku, StockLevel
from entrepot.sync.observing import Look, miss_offers, see_levels
from tests.cli.shop import NOW, SHOP, TEA, document, morning, offer, take


def miss(*names):
    """The channel answers that it has no such offers."""
    return lambda tx: miss_offers(tx, tx.accounts.find(SHOP), names, NOW + timedelta(minutes=1), NOW)


def missing(tx):
    return [one.subject for one in tx.problems.all() if one.kind is ProblemKind.OFFER_MISSING]


def names(ask):
    return [row["external_id"] for row in ask("offers", "list")]


def test_a_mistyped_offer_is_forgotten_with_its_problem(entrepot, ask, fill):
    """Covers P8."""
    fill(morning)
    entrepot("offers", "map", "webshop", "SET-XMS", "MUG-BLUE")
    fill(miss("SET-XMS"))
    assert fill(missing) == ["offer/SET-XMS"]
    assert "entrepot offers unmap webshop SET-XMS" in entrepot("problems", code=1).stdout
    assert entrepot("offers", "unmap", "webshop", "SET-XMS").stdout == (
        "SET-XMS on webshop is forgotten: the channel never had it.\n"
    )
    assert (fill(missing), names(ask)) == ([], [TEA])
    fill(miss("SET-XMS"))
    assert fill(missing) == []


def test_the_problem_closes_by_itself_once_the_offer_exists(entrepot, fill):
    fill(morning)
    entrepot("offers", "map", "webshop", "SET-XMAS", "MUG-BLUE")
    fill(miss("SET-XMAS"))
    level = StockLevel("SET-XMAS", 4, fulfillment=Fulfillment.MERCHANT)
    look = Look(NOW, timedelta(minutes=1))
    fill(lambda tx: see_levels(tx, tx.accounts.find(SHOP), [level], look, NOW))
    assert fill(missing) == []


@pytest.fixture
def wrongly_mapped(entrepot, fill):
    fill(morning, lambda tx: offer(tx, "SET-XMAS", sku=None), lambda tx: take(tx, document("W-9", 2, offer="SET-XMAS")))
    entrepot("offers", "map", "webshop", "SET-XMAS", f"{TEA}=3")


def test_an_offer_that_exists_is_unmapped_and_sent_nothing(entrepot, ask, fill, wrongly_mapped):
    assert "is unmapped; nothing is sent for it" in entrepot("offers", "unmap", "webshop", "SET-XMAS").stdout
    row = fill(lambda tx: tx.offers.find(SHOP, "SET-XMAS"))
    assert (row.bundle_version, row.desired) == (None, None)
    (tea,) = (one for one in ask("stock", "show") if one["sku"] == TEA)
    assert tea["reserved"] == 7 + 6, "an order that is taken in keeps what it took"
    fill(lambda tx: take(tx, document("W-10", 1, offer="SET-XMAS")))
    assert "orders for SET-XMAS wait" in entrepot("problems", code=1).stdout


def test_mapped_again_it_is_what_was_said_last(entrepot, fill, wrongly_mapped):
    """Covers P2: no version of its composition gets a second meaning."""
    entrepot("offers", "unmap", "webshop", "SET-XMAS")
    entrepot("offers", "map", "webshop", "SET-XMAS", "MUG-BLUE")
    row = fill(lambda tx: tx.offers.find(SHOP, "SET-XMAS"))
    parts = fill(lambda tx: [tx.offers.bundle(SHOP, "SET-XMAS", version).parts for version in (1, row.bundle_version)])
    assert parts == [{TEA: 3}, {Sku("MUG-BLUE"): 1}]


def test_unmapped_it_is_again_the_article_of_its_name(entrepot, fill):
    fill(morning)
    entrepot("offers", "map", "webshop", TEA, "MUG-BLUE")
    assert f"{TEA} on webshop takes 1 of {TEA}" in entrepot("offers", "unmap", "webshop", TEA).stdout
    assert fill(lambda tx: tx.offers.bundles(SHOP, [TEA]))[TEA].parts == {TEA: 1}
    assert "Nothing changed" in entrepot("offers", "unmap", "webshop", TEA).stdout


def test_what_a_file_says_is_not_unmapped(entrepot, folder, wrongly_mapped):
    config = folder / "plugins.toml"
    (folder / "offers.csv").write_text("offer;sku\nSET-XMAS;MUG-BLUE\n")
    config.write_text(config.read_text().replace('publish = "live"', 'publish = "live"\n    offers = "offers.csv"'))
    told = entrepot("offers", "unmap", "webshop", "SET-XMAS", code=2).stderr
    assert "is mapped by offers.csv line 2. Next: change it there" in told
    (folder / "offers.csv").write_text("offer;sku\n")
    config.write_text(config.read_text() + f"    [skus.bundles]\n    SET-XMAS = {{ {TEA} = 2 }}\n")
    assert "[skus.bundles]" in entrepot("offers", "unmap", "webshop", "SET-XMAS", code=2).stderr


def test_an_unknown_or_unmapped_offer_is_told(entrepot, fill):
    fill(morning, lambda tx: offer(tx, "SET-XMAS", sku=None))
    assert "nearest is SET-XMAS" in entrepot("offers", "unmap", "webshop", "SET-XMS", code=2).stderr
    assert "is not mapped" in entrepot("offers", "unmap", "webshop", "SET-XMAS", code=2).stderr
