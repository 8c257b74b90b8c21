"""A database of the first schema, as it was released, still opens and reads after every migration since."""

import sqlite3
from pathlib import Path

import pytest

from entrepot.model import DEFAULT_LOCATION, OrderStatus, Position, Sku
from entrepot.stock.rules import Rule
from entrepot.store.sqlite import migrate
from entrepot.store.sqlite.migrations import NAMES
from tests.store.opened import done, open_inline
from tests.store.values import SHOP, minutes

DUMPS = sorted((Path(__file__).parent / "schema").glob("*.sql"))


@pytest.fixture(params=DUMPS, ids=lambda dump: dump.stem)
def restored(request, tmp_path):
    path = tmp_path / "entrepot.db"
    connection = sqlite3.connect(path)
    connection.executescript(request.param.read_text("utf-8"))
    connection.close()
    return path, request.param.stem


def test_there_is_a_dump_of_the_first_schema():
    assert [dump.stem for dump in DUMPS][:1] == list(NAMES[:1])


def test_an_old_database_is_migrated_and_read(restored):
    """Covers P1, P2: nothing that was stored is lost by an upgrade."""
    path, name = restored
    assert migrate(path) == list(NAMES[NAMES.index(name) + 1 :])
    store = open_inline(path)

    def read(tx):
        order = tx.orders.load(SHOP, "A1")
        assert (order.status, str(order.total)) == (OrderStatus.PARTIALLY_SHIPPED, "59.70 EUR")
        assert [len(lines) for lines in (order.lines, tx.orders.lines(SHOP, "A1"))] == [1, 1]
        assert tx.ledger.position(Sku("MUG"), DEFAULT_LOCATION) == (
            Position(Sku("MUG"), DEFAULT_LOCATION, 9, 2),
            minutes(-60),
        )
        assert tx.ledger.wrong_positions() == []
        assert [stream.watermark for stream in tx.streams.of_account(SHOP)] == [minutes(-2)]
        assert [(offer.external_id, offer.desired, offer.sent) for offer in tx.offers.all()] == [("MUG", 7, 8)]
        assert [attempt.id for attempt in tx.offers.open_attempts(SHOP)] == ["attempt-1"]
        assert [problem.subject for problem in tx.problems.all()] == ["offer/CAP"]
        assert [letter.body for letter in tx.orders.dead_letters()] == [b'{"number":1}']
        assert tx.outbox.last_id() == 1
        assert tx.quota.level(SHOP, "orders").tokens == 4.5

    done(store.read(read))
    store.close()


def test_the_buffer_of_an_old_database_is_kept_until_the_next_start(restored):
    """Covers P4: a command may change stock before plugins.toml is read again."""
    path, _ = restored
    connection = sqlite3.connect(path)
    connection.execute("UPDATE account SET buffer = 3")
    connection.commit()
    connection.close()
    migrate(path)
    store = open_inline(path)
    assert done(store.read(lambda tx: tx.accounts.find(SHOP).rules)) == (Rule(1, buffer=3),)
    store.close()


def test_a_migrated_database_has_the_schema_of_a_new_one(restored, migrated):
    path, _ = restored
    migrate(path)

    def schema(file):
        connection = sqlite3.connect(file)
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        connection.close()
        return [(name, " ".join((sql or "").split())) for name, sql in rows if name != "_sqlite_migrations"]

    assert schema(path) == schema(migrated)
