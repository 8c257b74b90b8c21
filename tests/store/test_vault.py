"""Encrypted secrets, as rows; what they hold is tested in tests/vault."""

from attrs import evolve

from entrepot.store.records import SealedRow
from tests.store.values import NOON, SHOP, minutes

ROW = SealedRow(SHOP, "refresh_token", "k1", b"nonce", b"\x00\xffsealed", NOON)


def test_a_row_is_kept_as_it_is_and_replaced_whole(write, read):
    write(lambda tx: tx.vault.save(ROW))
    assert read(lambda tx: tx.vault.find(SHOP, "refresh_token")) == ROW
    other = evolve(ROW, ciphertext=b"other", key_id="k2", written_at=minutes(1), expires_at=minutes(9))
    write(lambda tx: tx.vault.save(other))
    assert read(lambda tx: tx.vault.all()) == [other]


def test_accounts_and_applications_do_not_see_each_others(write, read):
    rows = [ROW, evolve(ROW, account=None), evolve(ROW, name="refresh_token 2"), evolve(ROW, name="r%")]
    for row in rows:
        write(lambda tx, row=row: tx.vault.save(row))
    assert read(lambda tx: tx.vault.find(None, "refresh_token")) == rows[1]
    assert read(lambda tx: tx.vault.beginning(SHOP, "refresh_token")) == [rows[0], rows[2]]
    assert read(lambda tx: tx.vault.beginning(SHOP, "r%")) == [rows[3]], "a beginning is no pattern"
    assert write(lambda tx: tx.vault.forget(SHOP, "refresh_token"))
    assert not write(lambda tx: tx.vault.forget(SHOP, "refresh_token"))
    assert len(read(lambda tx: tx.vault.all())) == 3


def test_what_has_expired_is_forgotten_some_at_a_time(write, read):
    for number in range(5):
        row = evolve(ROW, name=f"token {number}", expires_at=minutes(number))
        write(lambda tx, row=row: tx.vault.save(row))
    write(lambda tx: tx.vault.save(ROW))
    assert write(lambda tx: tx.vault.purge(minutes(3), 3)) == 3
    assert write(lambda tx: tx.vault.purge(minutes(3), 3)) == 1
    assert [row.name for row in read(lambda tx: tx.vault.all())] == ["refresh_token", "token 4"]
