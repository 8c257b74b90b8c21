"""What a plugin keeps, and what it is told where that cannot be."""

from datetime import timedelta

import pytest
from attrs import evolve

from entrepot.channel import AuthError, MemoryVault, Secret, TransientError
from entrepot.errors import StoreError
from entrepot.secrets import Redactor
from entrepot.vault.keys import Keyring
from entrepot.vault.port import NoVault, StoreVault
from tests.store.opened import done
from tests.store.values import NOON
from tests.vault.test_sealing import KEY, KIOSK, OTHER, SHOP


class Dial:
    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at


@pytest.fixture
def clock():
    return Dial()


@pytest.fixture
def vault(store, clock):
    return StoreVault(SHOP, store, Keyring(KEY), clock, Redactor())


def test_what_was_put_is_got_replaced_and_forgotten(vault):
    for kept in (vault, MemoryVault()):
        assert done(kept.get("api")) is None
        done(kept.put("api", Secret("first one")))
        done(kept.put("api", Secret("second one")))
        assert done(kept.get("api")) == Secret("second one")
        done(kept.forget("api"))
        done(kept.forget("api"))
        assert done(kept.get("api")) is None


def test_accounts_do_not_see_each_others(vault):
    """Covers R18."""
    done(vault.put("api", Secret("of the shop")))
    assert done(evolve(vault, account=KIOSK).get("api")) is None


def test_what_has_expired_is_not_handed_out(vault, clock):
    done(vault.put("session", Secret("a session"), expires_at=clock.at + timedelta(minutes=5)))
    clock.at += timedelta(minutes=4)
    assert done(vault.get("session")) == Secret("a session")
    clock.at += timedelta(minutes=1)
    assert done(vault.get("session")) is None


def test_what_is_handed_out_is_masked_from_then_on(vault):
    """Covers P9."""
    done(vault.put("api", Secret("sesame street")))
    other = evolve(vault, redactor=Redactor())
    done(other.get("api"))
    assert [one.redactor.text("sesame street") for one in (vault, other)] == ["***", "***"]


def test_without_its_key_a_secret_is_a_failure_that_names_the_key(vault):
    done(vault.put("api", Secret("of the shop")))
    with pytest.raises(TransientError, match=rf"account shop: the secret 'api': .*{KEY.id}.*previous_keys"):
        done(evolve(vault, keyring=Keyring(OTHER)).get("api"))


def test_without_any_key_nothing_is_kept_and_the_next_action_is_told():
    for ask in (NoVault(SHOP).get("api"), NoVault(SHOP).put("api", Secret("x")), NoVault(SHOP).forget("api")):
        with pytest.raises(AuthError, match=r"account shop.*Next: entrepot key new"):
            done(ask)


def test_a_store_that_refuses_is_a_failure_that_passes(vault, clock):
    class Refusing:
        async def read(self, work):
            raise StoreError("the disk is full. Next: free some space")

    with pytest.raises(TransientError, match="the disk is full"):
        done(evolve(vault, store=Refusing()).get("api"))


def test_names_of_shared_tokens_are_not_a_plugins(vault):
    with pytest.raises(ValueError, match="choose another"):
        done(vault.put("oauth2 refresh_token", Secret("x")))
