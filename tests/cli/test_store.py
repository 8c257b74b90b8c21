"""Care of the database."""

import os
import socket
import sqlite3

from attrs import evolve

from entrepot.channel import RecordError
from entrepot.cli import context
from entrepot.store.records import DaemonRow
from entrepot.sync import remapping
from entrepot_mock_channel import MOCK
from tests.cli.shop import NOW, SHOP, TEA, document, morning, take
from tests.cli.test_problems import with_channel


def test_a_sound_store(entrepot, ask, fill):
    fill(morning)
    assert [finding["faults"] for finding in ask("store", "check")] == [[], [], [], []]
    assert "SQLite finds no damage" in entrepot("store", "check").stdout


def test_running_numbers_that_do_not_add_up_are_found(entrepot, folder, fill):
    """Covers P8."""
    fill(morning)
    with sqlite3.connect(folder / "shop.db") as database:
        database.execute("UPDATE position SET on_hand = on_hand + 1, reserved = reserved + 2")
    database.close()
    shown = entrepot("store", "check", code=74).stdout
    assert f"{TEA} at main: 65 on hand, counts and movements give 64" in shown
    assert f"{TEA} at main: reserved 9, open lines 7" in shown
    assert "2 faults. Next: " in shown


def test_a_file_that_is_no_database(entrepot, folder):
    (folder / "shop.db").write_text("a letter to a friend, long enough to be no header of a database")
    assert "file is not a database" in entrepot("store", "check", code=74).stdout
    assert "file is not a database" in entrepot("status", code=74).stderr


def test_a_backup_is_one_sound_file_with_everything(entrepot, ask, folder, fill):
    fill(morning)
    told = ask("store", "backup", "copies")
    assert told["backup"] == "copies/entrepot-20261124T104150Z.db"
    assert [path.name for path in (folder / "copies").iterdir()] == ["entrepot-20261124T104150Z.db"]
    (folder / told["backup"]).rename(folder / "shop.db")
    for rest in folder.glob("shop.db-*"):
        rest.unlink()
    assert entrepot("stock", "show", TEA).stdout
    assert ask("stock", "show")[0]["on_hand"] == 64


def test_a_backup_never_replaces_one(entrepot, fill):
    fill(morning)
    entrepot("store", "backup", "copies")
    assert "exists already" in entrepot("store", "backup", "copies", code=74).stderr


def test_migrate_makes_an_absent_database_once(entrepot, ask):
    assert "there is no database" in entrepot("status", code=74).stderr
    applied = ask("store", "migrate")["applied"]
    assert applied[0] == "0001_first"
    assert applied == sorted(applied)
    assert "has the present schema already" in entrepot("store", "migrate").stdout


def test_a_start_that_was_interrupted_begins_again(entrepot, folder):
    """Covers P10: a file without a schema is no older database."""
    (folder / "shop.db").touch()
    assert entrepot("stock", "count", TEA, "1").exit_code == 0


def test_an_older_schema_is_left_alone(entrepot, folder):
    with sqlite3.connect(folder / "shop.db") as database:
        database.execute("CREATE TABLE something (id)")
    database.close()
    assert "entrepot store migrate" in entrepot("stock", "count", TEA, "1", code=74).stderr


def test_a_restored_backup_replaces_the_database_which_is_kept(entrepot, ask, folder, fill):
    """Covers P10."""
    fill(morning)
    copy = ask("store", "backup", "copies")["backup"]
    entrepot("stock", "count", TEA, "9")
    told = ask("store", "restore", copy)
    assert ask("stock", "show")[0]["on_hand"] == 64
    assert told["replaced"].endswith("shop.db.replaced")
    with sqlite3.connect(told["replaced"]) as replaced:
        assert replaced.execute("SELECT on_hand FROM position").fetchone() == (9,)
    replaced.close()
    assert [finding["faults"] for finding in ask("store", "check")] == [[], [], [], []]
    assert entrepot("store", "restore", "nothing.db", code=74).stderr.startswith("there is no backup")


def test_no_backup_is_restored_under_a_daemon(entrepot, ask, fill):
    fill(morning, lambda tx: tx.daemons.enter(DaemonRow("a-daemon", socket.gethostname(), os.getpid(), NOW)))
    copy = ask("store", "backup", "copies")["backup"]
    assert "a-daemon works on" in entrepot("store", "restore", copy, code=4).stderr


def mend(monkeypatch):
    """The mapper of before read a unit too few of each line, and no words."""

    def map_order(record):
        lines = [
            line | {"quantity": 3 if line["quantity"] == "three" else line["quantity"] + 1} for line in record["lines"]
        ]
        return MOCK.maps["order"](record | {"lines": lines})

    mended = evolve(MOCK, maps={**MOCK.maps, "order": map_order})
    monkeypatch.setattr(context, "build", with_channel(context.build, mended))


def test_remap_takes_in_what_a_mended_mapper_reads_differently(entrepot, ask, fill, monkeypatch):
    """Covers P2, P8: without a call, and once only."""
    fill(morning, lambda tx: take(tx, document("W-6", "three")))
    nothing = {"account": SHOP, "looked_at": 2, "changed": 0, "refused": 0, "letters_taken_in": 0, "letters_left": 1}
    assert ask("store", "remap") == [nothing]
    mend(monkeypatch)
    found = {**nothing, "changed": 2, "letters_taken_in": 1, "letters_left": 0}
    assert ask("store", "remap", "--dry-run") == [found]
    assert ask("stock", "show", TEA)["positions"][0]["reserved"] == 7
    assert ask("store", "remap", "--account", SHOP) == [found]
    assert ask("stock", "show", TEA)["positions"][0]["reserved"] == 1 + 8 + 3
    assert [len(fill(lambda tx, id_=id_: tx.orders.versions(SHOP, id_))) for id_ in ("W-1", "W-2", "W-6")] == [2, 2, 1]
    again = ask("store", "remap")
    assert (again[0]["changed"], again[0]["letters_left"]) == (0, 0)
    assert entrepot("problems").stdout == "Nothing needs a person.\n"


def test_remap_works_in_pieces_and_leaves_what_it_cannot_read(ask, fill, monkeypatch):
    fill(morning, lambda tx: take(tx, *[document(f"X-{number}", 1) for number in range(7)]))
    monkeypatch.setattr(remapping, "AT_ONCE", 2)

    def refuse(record):
        if record["number"] == "X-3":
            raise RecordError("no number")
        return MOCK.maps["order"](record)

    broken = evolve(MOCK, maps={**MOCK.maps, "order": refuse})
    monkeypatch.setattr(context, "build", with_channel(context.build, broken))
    (report,) = ask("store", "remap")
    assert (report["looked_at"], report["changed"], report["refused"]) == (9, 0, 1)
    assert fill(lambda tx: tx.orders.load(SHOP, "X-3")) is not None
