"""Keys: made, changed, and looked at by the doctor. Covers P9."""

import os
import socket

import pytest

from entrepot.channel import Secret
from entrepot.cli import context
from entrepot.store.records import DaemonRow
from entrepot.vault.keys import Keyring, parse_key
from entrepot.vault.sealing import seal, unseal
from tests.cli.shop import NOW, PLUGINS, SHOP

STORE = 'store = "sqlite:shop.db"'


@pytest.fixture
def keys(entrepot, folder):
    """Two of them, by their names."""
    for name in ("first", "second"):
        entrepot("key", "new", name)
    return {name: parse_key((folder / name).read_text().strip()) for name in ("first", "second")}


@pytest.fixture
def configure(folder):
    def write(*lines):
        assert STORE in PLUGINS
        (folder / "plugins.toml").write_text(PLUGINS.replace(STORE, "\n".join([STORE, *lines])))

    return write


def kept(fill, key, name="refresh_token"):
    row = seal(Keyring(key), SHOP, name, Secret("the refresh token"), NOW)
    fill(lambda tx: tx.vault.save(row))


def rows(fill):
    return fill(lambda tx: tx.vault.all())


def test_a_new_key_is_for_its_owner_alone_and_replaces_none(entrepot, folder):
    told = entrepot("key", "new", "key").stdout
    assert (folder / "key").stat().st_mode & 0o777 == 0o600
    assert (folder / "key").read_text().strip() not in told
    before = (folder / "key").read_text()
    assert "is not there yet" in entrepot("key", "new", "key", code=4).stderr
    assert (folder / "key").read_text() == before


def test_rotating_encrypts_everything_anew_and_the_old_key_can_go(entrepot, ask, configure, keys, fill):
    kept(fill, keys["first"])
    kept(fill, keys["first"], "another")
    configure('key = "file:second"', 'previous_keys = ["file:first"]')
    assert ask("key", "rotate") == {"encrypted_anew": 2, "unopened": 0}
    configure('key = "file:second"')
    assert [unseal(Keyring(keys["second"]), row) for row in rows(fill)] == [Secret("the refresh token")] * 2
    assert ask("key", "rotate") == {"encrypted_anew": 0, "unopened": 0}
    assert entrepot("key", "rotate").stdout == "0 secrets encrypted anew.\n"


def test_what_no_key_opens_stays_and_is_told(entrepot, configure, keys, fill):
    kept(fill, keys["first"])
    configure('key = "file:second"')
    assert "1 secret that no key opens. Next: entrepot doctor" in entrepot("key", "rotate", code=1).stdout
    assert [row.key_id for row in rows(fill)] == [keys["first"].id]


def test_what_no_key_opens_is_forgotten_where_the_key_is_lost(entrepot, ask, configure, keys, fill):
    kept(fill, keys["first"])
    kept(fill, keys["second"], "another")
    configure('key = "file:second"')
    assert entrepot("key", "forget").stdout == f"1 secret forgotten. Next: authorize again for {SHOP}\n"
    assert [row.name for row in rows(fill)] == ["another"]
    assert ask("key", "forget") == []


def test_a_daemon_that_has_not_read_the_new_keys_is_waited_for(entrepot, configure, keys, fill):
    kept(fill, keys["first"])
    configure('key = "file:second"', 'previous_keys = ["file:first"]')
    row = DaemonRow("me", socket.gethostname(), os.getpid(), NOW)
    fill(lambda tx: tx.daemons.enter(row))
    assert "me has not read plugins.toml since it was changed. Next: entrepot reload" in (
        entrepot("key", "rotate", code=4).stderr
    )
    assert [row.key_id for row in rows(fill)] == [keys["first"].id]


def codes(ask):
    return [(one["account"], one["code"]) for one in ask("doctor", code=1) if one["subject"] == "vault"]


def test_the_doctor_opens_every_secret_and_names_what_stays_closed(ask, entrepot, configure, keys, fill):
    kept(fill, keys["first"])
    assert codes(ask) == [("", "D034")], "no key is named"
    configure('key = "file:second"')
    assert codes(ask) == [(SHOP, "D035")]
    shown = entrepot("doctor", code=1).stdout
    assert f"encrypted with the key {keys['first'].id}" in " ".join(shown.split())
    configure('key = "file:second"', 'previous_keys = ["file:first"]')
    assert codes(ask) == [("", "D036"), ("", "")]
    configure('key = "file:first"')
    assert codes(ask) == [("", "")]
    assert "the refresh token" not in entrepot("doctor", code=1).stdout


def test_without_a_key_and_without_secrets_there_is_nothing_to_say(ask):
    assert codes(ask) == []


def test_a_key_is_masked_like_every_secret_of_the_file(folder, configure, keys):
    configure('key = "file:second"', 'previous_keys = ["file:first"]')
    home = context.Home(folder / "plugins.toml")
    home.config  # noqa: B018 - reads the file
    assert home.redactor.text(f"{(folder / 'first').read_text()}{(folder / 'second').read_text()}") == "***\n***\n"
