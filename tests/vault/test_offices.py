"""Daemons that die at any moment while they share tokens, and what is left in the file."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.channel import Secret
from entrepot.http.sharing import MARGIN
from entrepot.simulation import SimExecutor, run, stream
from tests.http.issuer import Issuer
from tests.vault.offices import Office
from tests.vault.test_sealing import KEY
from tests.vault.test_sharing_property import blank

LIFETIME = timedelta(hours=1)
HOURS = 3


def executor(office):
    return SimExecutor(stream(1, f"{office.process.name}/disk"), office.process.poison, delay=(0.0, 0.05))


def live_and_die(path, seed, *, fuses, rotates):
    """Three daemons; one of them dies at a use of its ports and is replaced, as often as there are fuses."""
    path.write_bytes(blank())
    issuer, names = Issuer(rotates=rotates, latency=0.3), ["shop", "kiosk"]

    async def main(loop):
        loop.set_exception_handler(lambda loop, context: None)  # nobody hears what a killed process ran into
        failures, until = [], HOURS * 3600

        async def work(number):
            for life, fuse in enumerate((*fuses, None) if number == 0 else (None,)):
                office = Office(loop, path, f"daemon-{number}-{life}", issuer, names, executor, seed=seed)
                if fuse is not None:
                    office.process.poison.light(fuse, office.process.crash)
                task = office.open(until, every=300)
                await asyncio.wait([task])
                failures.extend(office.failures)

        await asyncio.gather(*map(work, range(3)))
        return failures

    return issuer, names, run(main, seed)


@given(st.integers(0, 1000), st.lists(st.integers(1, 400), max_size=4))
@settings(max_examples=25)
def test_daemons_that_die_cost_one_request_each_at_most(tmp_path_factory, seed, fuses):
    """Covers R16: whenever they die, and however transactions and answers come between each other."""
    path = tmp_path_factory.mktemp("offices") / "entrepot.db"
    issuer, names, failures = live_and_die(path, seed, fuses=fuses, rotates=False)
    bound = 1 + timedelta(hours=HOURS) // (LIFETIME - MARGIN)
    assert failures == []
    assert len(issuer.forms) <= len(names) * bound + len(fuses) * len(names)


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_refresh_tokens_that_are_good_once_are_used_once(tmp_path_factory, seed):
    path = tmp_path_factory.mktemp("offices") / "entrepot.db"
    issuer, _, failures = live_and_die(path, seed, fuses=[], rotates=True)
    assert (issuer.refused, failures) == (0, [])


def test_the_bytes_of_a_days_database_hold_no_secret(tmp_path):
    """Covers P9: refresh tokens, access tokens, the application's secret, the key, and what a plugin keeps."""
    path = tmp_path / "entrepot.db"
    path.write_bytes(blank())
    issuer, names = Issuer(rotates=True, latency=0.3), [f"shop-{number}" for number in range(5)]
    written = set()

    async def main(loop):
        office = Office(loop, path, "daemon", issuer, names, executor)
        other = Office(loop, path, "other", issuer, names, executor)
        for http in office.https:
            await http.vault.put("session", Secret(f"session-of-{http.account}"))
        await asyncio.gather(*(one.open(until=24 * 3600, every=600) for one in (office, other)))
        written.update(file.name for file in tmp_path.iterdir())

    with closing(sqlite3.connect(path)) as reader:  # while somebody reads, the log stays beside the file
        reader.execute("SELECT 1 FROM vault").fetchall()
        run(main, 1)
        content = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))
        rows = reader.execute("SELECT count(*) FROM vault").fetchone()
    assert rows == (10,)
    assert "entrepot.db-wal" in written
    assert len(issuer.issued) > 100
    secrets = {
        *issuer.issued,
        *issuer.used_up,
        "app secret",
        KEY.text.reveal(),
        *(f"session-of-{one}" for one in names),
    }
    assert [secret for secret in secrets if secret.encode() in content] == []
    assert KEY.material not in content
    assert b"refresh_token app https://auth.example/token" in content, "it is the file with the tokens"
