"""What many accounts cost at the token endpoint."""

import asyncio
from collections import Counter

import pytest

from entrepot.simulation import run
from entrepot.store.sqlite import migrate
from tests.http.issuer import Issuer
from tests.store.opened import InlineRunner
from tests.vault.offices import FIRST, Office

HOURS = 3


def trade(folder, accounts, daemons=4, every=1800):
    """Three hours of so many daemons on one store; each visits an account about every so many seconds.

    Returns how often each account's token was asked for, and the calls of all.
    """
    path = folder / "entrepot.db"
    migrate(path)
    names = [f"account-{number}" for number in range(accounts)]
    issuer = Issuer(latency=0.2)

    async def main(loop):
        offices = [
            Office(loop, path, f"daemon-{number}", issuer, names, lambda office: InlineRunner())
            for number in range(daemons)
        ]
        await asyncio.gather(*(office.open(until=HOURS * 3600, every=every) for office in offices))
        assert [office.failures for office in offices] == [[]] * daemons
        return sum(office.calls for office in offices)

    calls = run(main, 1)
    asked = Counter(form["refresh_token"] for form in issuer.forms)
    assert sorted(asked) == sorted(map(FIRST.format, names))
    return asked, calls


@pytest.mark.simulation
@pytest.mark.parametrize(("accounts", "every"), [(1000, 1800), (11, 120)])
def test_token_requests_do_not_grow_with_accounts_or_daemons(tmp_path, accounts, every):
    """Covers R17: four in three hours for each account, and less than one for a hundred calls."""
    asked, calls = trade(tmp_path, accounts, every=every)
    assert max(asked.values()) <= 4
    assert asked.total() / calls < 0.01
