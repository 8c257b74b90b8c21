import sqlite3
import threading
from pathlib import Path

import pytest

from entrepot.errors import StoreError
from entrepot.store.sqlite import SqliteStore, migrate
from entrepot.store.sqlite import database as module
from entrepot.store.sqlite.migrations import NAMES, statements_of
from tests.store.opened import InlineRunner, done, open_inline
from tests.store.values import NOON, SHOP, account


def test_the_file_keeps_what_was_acknowledged(database):
    """Covers P10: write-ahead log, and every commit on the disk."""
    store = SqliteStore(database, InlineRunner())
    settings = {
        name: store._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    store.close()
    assert settings == {"journal_mode": "wal", "synchronous": 2}


def test_a_second_writer_waits_for_the_first(database):
    """Covers P3: nobody fails because somebody else is writing."""
    first, second = open_inline(database), open_inline(database)
    inside, finished, order = threading.Event(), threading.Event(), []

    def slow(tx):
        inside.set()
        assert not finished.wait(0.2), "the second did not wait"
        tx.accounts.save(account())
        order.append("first")

    def quick():
        inside.wait()
        done(second.write(lambda tx: order.append("second") or tx.accounts.park(SHOP, NOON)))
        finished.set()

    thread = threading.Thread(target=quick)
    thread.start()
    done(first.write(slow))
    thread.join()
    assert order == ["first", "second"]
    assert done(first.read(lambda tx: tx.accounts.find(SHOP).parked_since)) == NOON
    first.close()
    second.close()


def test_a_commit_by_somebody_else_is_noticed(database):
    one, other = open_inline(database), open_inline(database)
    before = done(one.changes())
    done(other.write(lambda tx: tx.accounts.save(account())))
    assert done(one.changes()) != before
    one.close()
    other.close()


def test_a_file_of_a_newer_program_is_refused(database):
    """Covers P8."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('entrepot', '0999_later', '')"
        )
    connection.close()
    with pytest.raises(StoreError, match=r"newer Entrepot \(schema 0999_later\).*Next: install that version"):
        open_inline(database)


def test_a_file_of_an_older_program_is_refused_with_the_next_command(database, monkeypatch):
    """Covers P8."""
    monkeypatch.setattr(module, "NAMES", (*NAMES, "0002_next"))
    with pytest.raises(StoreError, match=r"older schema. Next: entrepot store backup .* entrepot store migrate"):
        open_inline(database)


def test_an_absent_file_is_not_made_by_looking_at_it(tmp_path):
    """Covers P8."""
    with pytest.raises(StoreError, match=r"there is no database .* Next: entrepot store migrate"):
        open_inline(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_left_alone(tmp_path):
    """Covers P8."""
    path = tmp_path / "notes.txt"
    path.write_text("mind the gap\n" * 100)
    with pytest.raises(StoreError, match="Next: name another file"):
        open_inline(path)
    assert path.read_text().startswith("mind the gap")


@pytest.mark.parametrize(
    ("mounts", "refused"),
    [
        ("host:/x /nfs nfs4 rw 0 0", False),
        ("host:/x {folder} nfs4 rw 0 0", True),
        ("/dev/sda1 {folder} ext4 rw 0 0\nhost:/x / nfs4 rw 0 0", False),
        ("/dev/sda1 {folder} ext4 rw 0 0\nhost:/x {folder} cifs rw 0 0", True),
    ],
)
def test_network_file_systems_are_refused(tmp_path, monkeypatch, mounts, refused):
    """Covers P3: locks do not hold there. The nearest mount decides, and of two at one place the later."""
    folder = tmp_path / "with space"
    folder.mkdir()
    table = tmp_path / "mounts"
    table.write_text(mounts.format(folder=str(folder).replace(" ", r"\040")) + "\n")
    monkeypatch.setattr(module, "Path", lambda path: table if path == "/proc/mounts" else Path(path))
    if refused:
        with pytest.raises(StoreError, match=r"network file system .* Next: move it to a local disk"):
            migrate(folder / "entrepot.db")
    else:
        assert migrate(folder / "entrepot.db") == list(NAMES)


def test_a_file_that_cannot_be_written_is_told(database):
    """Covers P8. Superusers may write anywhere, so the connection refuses in the file's place."""
    store = open_inline(database)
    store._database.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match=r"entrepot\.db: .*readonly.* Next: make the file and its folder writable"):
        done(store.write(lambda tx: tx.accounts.save(account())))
    assert done(store.read(lambda tx: tx.accounts.all())) == []
    store.close()


def test_a_full_disk_is_told_and_work_goes_on_when_there_is_space(database):
    """Covers P3, P8, P10: nothing of the page is kept."""
    store = open_inline(database)
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages}")

    def page(tx):
        tx.accounts.save(account())
        tx.orders.save_raw(SHOP, "order", [(str(n), str(n), bytes(3000)) for n in range(50)], "1", NOON)

    with pytest.raises(StoreError, match=r"full.* Next: free some space"):
        done(store.write(page))
    assert done(store.read(lambda tx: tx.accounts.all())) == []
    store._database.execute("PRAGMA max_page_count = 1000000")
    done(store.write(page))
    assert done(store.read(lambda tx: [row.id for row in tx.accounts.all()])) == [SHOP]
    store.close()


def test_a_busy_file_is_told(database, monkeypatch):
    """Covers P8."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 1)
    holder, store = open_inline(database), open_inline(database)

    def while_held(_):
        with pytest.raises(StoreError, match="Next: another process holds the database"):
            done(store.write(lambda tx: None))

    done(holder.write(while_held))
    holder.close()
    store.close()


def test_daemons_that_start_at_the_same_time_make_one_database(tmp_path):
    path, made, gate = tmp_path / "entrepot.db", [], threading.Barrier(4)

    def start():
        gate.wait()
        made.append(migrate(path))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [[], [], [], list(NAMES)]
    open_inline(path).close()


def test_a_semicolon_in_a_comment_ends_no_statement():
    assert statements_of("CREATE a; -- this; and that\nCREATE b -- end;\n") == ["CREATE a", "CREATE b"]
