"""Secrets at rest: what is written opens for whom it was written, and for nobody else."""

import base64

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channel import Secret
from entrepot.model import AccountId
from entrepot.vault.keys import Keyring, new_key, parse_key
from entrepot.vault.sealing import UnopenedError, seal, unseal
from tests.store.values import NOON

KEY, OTHER = (parse_key(base64.b64encode(bytes([number]) * 32).decode()) for number in (1, 2))
SHOP, KIOSK = AccountId("shop"), AccountId("kiosk")


def sealed(text="s3cret-value", account=SHOP, name="refresh_token", key=KEY):
    return seal(Keyring(key), account, name, Secret(text), NOON)


@given(st.text(min_size=1), st.sampled_from([SHOP, None]), st.text())
def test_what_was_sealed_opens(text, account, name):
    row = sealed(text, account, name)
    assert unseal(Keyring(KEY), row) == Secret(text)
    assert unseal(Keyring(OTHER, (KEY,)), row) == Secret(text)


@pytest.mark.parametrize(
    "moved",
    [
        {"account": KIOSK},
        {"account": None},
        {"name": "other"},
        {"account": AccountId("sho"), "name": "prefresh_token"},
    ],
)
def test_a_row_that_was_copied_to_another_account_or_name_does_not_open(moved):
    """Covers P9: whoever can write the database cannot have one seller's token used for another."""
    with pytest.raises(UnopenedError, match="another account or name"):
        unseal(Keyring(KEY), evolve(sealed(), **moved))


@given(st.integers(0, 27), st.integers(1, 255))
def test_a_changed_row_does_not_open(place, bits):
    """Covers P9."""
    row = sealed()
    changed = bytearray(row.ciphertext)
    changed[place] ^= bits
    with pytest.raises(UnopenedError):
        unseal(Keyring(KEY), evolve(row, ciphertext=bytes(changed)))


def test_another_key_does_not_open_and_the_missing_one_is_named():
    with pytest.raises(UnopenedError, match=KEY.id):
        unseal(Keyring(OTHER), sealed())
    with pytest.raises(UnopenedError):
        unseal(Keyring(evolve(OTHER, id=KEY.id)), sealed())


def test_equal_secrets_look_different():
    """Covers P9: nobody sees that two accounts have one password."""
    assert len({(row.nonce, row.ciphertext) for row in (sealed(), sealed())}) == 2
    assert b"s3cret" not in sealed().ciphertext


def test_a_new_key_is_a_key_and_shows_nothing():
    """Covers P9."""
    text = new_key()
    key = parse_key(text)
    assert len(key.material) == 32
    assert text != new_key()
    assert text not in repr(Keyring(key))
    assert key.id not in text


@pytest.mark.parametrize("text", ["", "short", "x" * 44, base64.b64encode(bytes(31)).decode(), "ä" * 44])
def test_anything_else_is_no_key(text):
    with pytest.raises(ValueError, match="this") as wrong:
        parse_key(text)
    assert not text or text not in str(wrong.value)
