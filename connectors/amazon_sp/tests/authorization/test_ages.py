"""A client secret is good for 180 days, a consent for 365; a person is told a month before."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from connectors.amazon_sp.tests.scripted import SETTINGS, Amazon, on_amazon, told
from entrepot.channel import AuthError, Check, MemoryVault, Secret
from entrepot.model import AccountId
from entrepot_amazon_sp import AMAZON
from entrepot_amazon_sp.authorization.ages import CONSENTED_AT, Ages, warnings

EU = AccountId("amazon-eu")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = 86_400


class Locked(MemoryVault):
    """Of a plugins.toml that names no key."""

    async def get(self, name):
        raise AuthError("there is no key")


async def words(account):
    return [warning.message for warning in (await account.call("check", Check())).warnings]


def over_days(main, *days, settings=SETTINGS):
    """What `main` says on each of these days."""

    async def waiting(account):
        started, said = account.clock.now(), []
        for day in days:
            await asyncio.sleep((started + timedelta(days=day) - account.clock.now()).total_seconds())
            said.append(await main(account))
        return said

    return on_amazon(Amazon(told({"payload": []})), waiting, settings=settings)


def reconnected(account, settings):
    account.connector = AMAZON.connect(settings, account.ports)


def test_the_age_of_a_secret_is_known_and_told_from_a_month_before_its_end():
    """Covers R20."""

    async def main(account):
        return [word.partition(" ends on")[0].partition(" ended on")[0] for word in await words(account)]

    assert over_days(main, 0, 149, 150, 179, 181) == [[], [], *[["the client secret"]] * 3]


def test_a_secret_that_is_replaced_is_young_again_also_after_a_restart():
    """Covers R20."""

    async def main(account):
        before = await words(account)
        reconnected(account, SETTINGS)
        again = await words(account)
        reconnected(account, evolve(SETTINGS, client_secret=Secret("a newer one")))
        return before == again, len(before), await words(account)

    assert over_days(main, 170)[0] == (True, 0, [])  # first seen on that day

    async def later(account):
        if not account.vault.kept:
            return len(await words(account))
        before = len(await words(account))
        reconnected(account, evolve(SETTINGS, client_secret=Secret("a newer one")))
        return before, len(await words(account))

    assert over_days(later, 0, 170) == [0, (1, 0)]


def test_what_plugins_toml_says_of_the_age_counts():
    """Covers R20: a secret may be older than our acquaintance with it."""
    settings = evolve(SETTINGS, client_secret_created=date(2020, 1, 1))
    [[warning]] = over_days(words, 0, settings=settings)
    assert warning == "the client secret ended on 2020-06-29"


def test_the_next_action_names_the_command():
    """Covers R20."""
    [secret, consent] = warnings(EU, Ages(NOW - timedelta(days=160), NOW - timedelta(days=340)), NOW)
    assert secret.message == "the client secret ends on 2026-12-19, in 20 days"
    assert secret.next_action == "entrepot amazon rotate-secret amazon-eu, or rotate it in the developer portal"
    assert consent.message == "the seller's consent ends on 2026-12-24, in 25 days"
    assert consent.next_action == "entrepot amazon authorize amazon-eu"


def test_a_consent_that_is_kept_grows_old():
    settings = evolve(SETTINGS, client_secret_created=date(2020, 1, 1), refresh_token=None)

    async def main(account):
        if CONSENTED_AT not in account.vault.kept:
            await account.vault.put("refresh_token", Secret("refresh-1"))
            await account.vault.put(CONSENTED_AT, Secret(account.clock.now().isoformat()))
        return [word for word in await words(account) if "consent" in word]

    early, late = over_days(main, 0, 340, settings=settings)
    assert early == []
    assert late[0].startswith("the seller's consent ends on ")


@pytest.mark.parametrize(("created", "told"), [(None, 0), (date(2020, 1, 1), 1)])
def test_without_a_key_the_age_is_what_plugins_toml_says(created, told):
    async def main(account):
        account.ports = evolve(account.ports, vault=Locked())
        reconnected(account, evolve(SETTINGS, client_secret_created=created))
        return len(await words(account))

    assert over_days(main, 0) == [told]


AGE = st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=800)))


@given(AGE, AGE)
def test_each_is_told_from_a_month_before_its_end_on_and_not_before(secret, consent):
    ages = Ages(*(None if age is None else NOW - age for age in (secret, consent)))
    told = [warning.message for warning in warnings(EU, ages, NOW)]
    due = [age is not None and age >= timedelta(days=days) for age, days in ((secret, 150), (consent, 335))]
    assert [any(word in message for message in told) for word in ("client secret", "consent")] == due
