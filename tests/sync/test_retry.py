"""Records and offers that wait for a mended plugin or catalog."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from entrepot.model import ProblemKind, Sku
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import migrate
from entrepot.sync.records import map_records
from entrepot.sync.refusals import refuse
from entrepot.sync.retry import Retried, retry
from entrepot_mock_channel import MOCK
from tests.cli.shop import NOW, SHOP, TEA, document, offer, open_account, take
from tests.store.opened import done, open_inline

ARTICLES = [(TEA, "Assam tea", "")]
CHANNELS = {SHOP: MOCK}


@pytest.fixture
def write(tmp_path):
    migrate(tmp_path / "shop.db")
    store = open_inline(tmp_path / "shop.db")
    done(store.write(open_account))
    yield lambda work: done(store.write(work))
    store.close()


def kinds(tx):
    return [problem.kind for problem in tx.problems.all()]


def mended(read):
    return {SHOP: evolve(MOCK, maps={**MOCK.maps, "order": read})}


def as_two(record):
    return MOCK.maps["order"](record | {"lines": [record["lines"][0] | {"quantity": 2}]})


def test_a_record_that_is_refused_again_stays_with_its_new_reason(write):
    """Covers P8, R47."""

    def read(record):
        raise ValueError("still wrong")

    write(lambda tx: take(tx, document("W-1", "two")))
    assert write(lambda tx: retry(tx, mended(read), ARTICLES, NOW)) == Retried(refused=1)
    (letter,) = write(lambda tx: tx.orders.dead_letters())
    assert letter.reason == "ValueError: still wrong"
    assert write(kinds) == [ProblemKind.RECORD_REFUSED]


def test_a_record_that_is_read_now_takes_effect_once(write):
    """Covers P2, R46, R47."""
    write(lambda tx: take(tx, document("W-1", "two"), document("W-2", 1)))
    assert write(lambda tx: retry(tx, mended(as_two), ARTICLES, NOW)) == Retried(taken_in=1)
    assert write(lambda tx: retry(tx, mended(as_two), ARTICLES, NOW)) == Retried()
    assert write(lambda tx: tx.ledger.positions(TEA)[0].reserved) == 3
    assert write(kinds) == []


def test_amounts_are_exact_the_second_time_too(write):
    """Covers P7."""
    seen = []

    def read(record):
        seen.append(record["total"])
        return as_two(record | {"total": None})

    write(lambda tx: take(tx, document("W-1", "two", total=Decimal("19.990"))))
    write(lambda tx: retry(tx, mended(read), ARTICLES, NOW))
    assert [str(amount) for amount in seen] == ["19.990"]


def test_a_newer_version_that_came_meanwhile_is_kept(write):
    """Covers R42: what lay aside is older, and changes nothing."""
    write(lambda tx: take(tx, document("W-1", "two")))
    write(lambda tx: take(tx, document("W-1", 1, sent=1, changed=NOW.replace(minute=59))))
    assert write(lambda tx: retry(tx, mended(as_two), ARTICLES, NOW)).taken_in == 1
    assert write(lambda tx: tx.orders.load(SHOP, "W-1")).lines[0].shipped == 1
    assert write(kinds) == []


def test_personal_data_that_is_cut_out_since_is_gone_from_what_stays(write):
    """Covers P9: the shorter record has another fingerprint; the longer one does not stay behind."""
    write(lambda tx: take(tx, document("W-1", "two", buyer="Jane Doe")))
    channel = {SHOP: evolve(MOCK, pii_paths={**MOCK.pii_paths, "order": ("buyer",)})}
    assert write(lambda tx: retry(tx, channel, ARTICLES, NOW)) == Retried(refused=1)
    (letter,) = write(lambda tx: tx.orders.dead_letters())
    assert "Jane" not in letter.body.decode()
    assert len(write(kinds)) == 1


def as_nine(record):
    return MOCK.maps["stock"](record | {"quantity": 9})


@pytest.mark.parametrize("known", [True, False])
def test_stock_is_looked_at_again_at_once(write, known):
    """Covers P5, P8: not with the next sweep, within six hours. What the old record said is not believed."""

    def lay_aside(tx):
        tx.streams.ensure(SHOP, StreamKind.STOCK, NOW + timedelta(hours=6))
        if known:
            offer(tx)
        (record,) = map_records(MOCK, "stock", [{"sku": TEA, "quantity": "many"}])
        refuse(tx, MOCK, SHOP, "stock", record, NOW)

    write(lay_aside)
    assert write(lambda tx: retry(tx, CHANNELS, ARTICLES, NOW)) == Retried(refused=1)
    assert write(kinds) == [ProblemKind.RECORD_REFUSED]
    mended = {SHOP: evolve(MOCK, maps={**MOCK.maps, "stock": as_nine})}
    assert write(lambda tx: retry(tx, mended, ARTICLES, NOW)).read_anew == 1
    assert write(kinds) == []
    assert write(lambda tx: tx.offers.to_verify(SHOP, NOW, 9)) == [TEA]
    assert {row.kind: row.next_due for row in write(lambda tx: tx.streams.all())}[StreamKind.STOCK] == NOW
    shown = write(lambda tx: tx.offers.find(SHOP, TEA))
    assert (shown.bundle_version, shown.desired) == (0, None)


def test_a_record_of_an_account_without_a_plugin_waits(write):
    write(lambda tx: take(tx, document("W-1", "two")))
    assert write(lambda tx: retry(tx, {}, ARTICLES, NOW)) == Retried(left=1)
    assert write(kinds) == [ProblemKind.RECORD_REFUSED]


def test_an_offer_whose_article_is_new_takes_effect(write):
    write(lambda tx: take(tx, document("W-1", 3, offer="SET-XMAS")))
    assert write(lambda tx: retry(tx, CHANNELS, ARTICLES, NOW)) == Retried()
    new = [*ARTICLES, (Sku("SET-XMAS"), "Set", "")]
    assert write(lambda tx: retry(tx, CHANNELS, new, NOW)) == Retried(mapped=("SET-XMAS",))
    assert write(lambda tx: tx.ledger.positions(Sku("SET-XMAS"))[0].reserved) == 3


def test_only_what_one_problem_is_about(write):
    write(lambda tx: take(tx, document("W-1", "two"), document("W-2", "two")))
    first = write(lambda tx: tx.problems.all()[0])
    assert write(lambda tx: retry(tx, mended(as_two), ARTICLES, NOW, first)) == Retried(taken_in=1)
    assert len(write(kinds)) == 1
