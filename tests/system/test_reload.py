"""A running daemon is told to read plugins.toml anew, or to leave an account alone."""

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from entrepot.model import ProblemKind
from entrepot.store.sqlite import SqliteStore
from tests.store.opened import InlineRunner, done
from tests.system.processes import Site, wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]


@pytest.fixture
def site(tmp_path):
    site = Site.make(tmp_path, scale=200)
    site.count_shelf()
    return site


@pytest.fixture
def entrepot(site):
    def run(*words):
        program = Path(sys.executable).with_name("entrepot")
        return subprocess.run(
            [str(program), "--config", str(site.folder / "plugins.toml"), *words],
            cwd=site.folder,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def change(site, before, after):
    config = site.folder / "plugins.toml"
    text = config.read_text()
    assert before in text
    config.write_text(text.replace(before, after))


def read(site, work):
    """Whatever plugins.toml says meanwhile."""
    with closing(SqliteStore(site.folder / "entrepot.db", InlineRunner())) as store:
        return done(store.read(work))


def refused(site):
    return [one for one in read(site, lambda tx: tx.problems.all()) if one.kind is ProblemKind.CONFIG_REFUSED]


def publishes(site):
    return {row.id: str(row.publish) for row in read(site, lambda tx: tx.accounts.all())}


def test_a_daemon_takes_the_whole_file_or_nothing(site, entrepot):
    """Covers P8: what was refused is a problem, until a good file is read."""
    with site.simulators():
        daemon = site.start_daemon()
        wait_until(lambda: len(read(site, lambda tx: tx.daemons.all())) == 1, 5)
        change(site, '"live"', '"shadow"')
        assert entrepot("reload").returncode == 0
        assert publishes(site) == {"amazon": "shadow", "webshop": "shadow"}
        assert daemon.logged("reloaded")

        change(site, '"shadow"', '"sometimes"')
        told = entrepot("reload")
        assert (told.returncode, told.stderr.count("E105")) == (78, 2)
        assert refused(site) == []  # it was not sent
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: refused(site), 10)
        assert refused(site)[0].message.count("E105") == 2
        assert publishes(site) == {"amazon": "shadow", "webshop": "shadow"}

        change(site, '"sometimes"', '"off"')
        change(site, "entrepot.db", "other.db")
        assert entrepot("reload").returncode == 4  # there is no such database, and no daemon on it
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "E503" in refused(site)[0].message, 10)
        change(site, "other.db", "entrepot.db")
        metrics = '[entrepot]\nmetrics = "127.0.0.1:9464"'
        change(site, "[entrepot]", metrics)
        daemon.signal(signal.SIGHUP)
        wait_until(lambda: "the address is taken at a start only" in refused(site)[0].message, 10)
        change(site, metrics, "[entrepot]")
        assert json.loads(entrepot("reload", "--format", "json").stdout)[0]["faults"] == []
        assert (refused(site), publishes(site)) == ([], {"amazon": "off", "webshop": "off"})
        assert daemon.stop() == 0
        assert entrepot("reload").returncode == 4


def test_receivers_of_alerts_come_and_go(site, entrepot):
    """Covers P8: without a restart; `status` says which file the daemon works by, and since when."""
    daemon = site.start_daemon()
    started = json.loads(entrepot("status", "--format", "json").stdout)["daemons"][0]
    assert (started["state"], started["config"]) == ("running", str(site.folder / "plugins.toml"))
    (site.folder / "hook").write_text("whsec_" + "A" * 32)
    alert = '[[alerts]]\nto = "http://127.0.0.1:9/hook"\nsecret = "file:hook"\n[skus]'
    change(site, "[skus]", alert)
    assert entrepot("reload").returncode == 0
    (name,) = receivers(site)
    assert "alerts=1" in daemon.log.read_text()
    assert entrepot("accounts", "pause", "webshop").returncode == 0  # a problem: somebody is to be told
    wait_until(lambda: is_up_to_date(site, name), 10)
    change(site, alert, "[skus]")
    assert entrepot("reload").returncode == 0
    assert entrepot("accounts", "resume", "webshop").returncode == 0
    assert daemon.stop() == 0
    assert not is_up_to_date(site, name)
    assert "No daemon runs" in entrepot("status").stdout


def receivers(site):
    streams = read(site, lambda tx: tx.streams.all())
    return [stream.scope for stream in streams if stream.scope.startswith("alert/")]


def is_up_to_date(site, name):
    """Has the receiver seen all events there are?"""
    return read(site, lambda tx: tx.outbox.told_until(name) == tx.outbox.last_id())


def test_an_account_can_leave_and_come_back_and_be_paused(site, entrepot):
    """Covers P8."""
    with site.simulators():
        daemon = site.start_daemon()
        wait_until(lambda: calls(site, "webshop") > 2, 30)
        text = (site.folder / "plugins.toml").read_text()
        (site.folder / "plugins.toml").write_text(text[: text.index("[accounts.webshop]")])
        assert entrepot("reload").returncode == 0
        assert listed(entrepot)[1]["state"] == "detached"

        (site.folder / "plugins.toml").write_text(text.replace("[accounts.webshop]", "[accounts.other]"))
        assert "E502" not in entrepot("reload").stderr
        (site.folder / "plugins.toml").write_text(
            text.replace("[accounts.webshop]", "[accounts.swap]").replace("[accounts.amazon", "[accounts.webshop")
        )
        assert "E502 plugins.toml: accounts.webshop.channel" in entrepot("reload").stderr

        (site.folder / "plugins.toml").write_text(text)
        assert entrepot("reload").returncode == 0
        states = {
            one["account"]: one["state"] for one in json.loads(entrepot("accounts", "list", "--format", "json").stdout)
        }
        assert (states["webshop"], states["other"]) == ("live", "detached")

        assert entrepot("accounts", "pause", "webshop").returncode == 0
        wait_until(lambda: not held(site, "webshop"), 35)
        before = calls(site, "webshop")
        others = calls(site, "amazon")
        wait_until(lambda: calls(site, "amazon") > others + 2, 30)
        assert calls(site, "webshop") == before
        assert entrepot("accounts", "resume", "webshop").returncode == 0
        wait_until(lambda: calls(site, "webshop") > before, 10)
        assert daemon.stop() == 0


def held(site, account):
    """Streams of the account under which a call runs."""
    owned = f"SELECT kind FROM stream WHERE account = '{account}' AND owner IS NOT NULL"  # noqa: S608 - a name of ours
    with closing(sqlite3.connect(site.folder / "entrepot.db")) as database:
        return database.execute(owned).fetchall()


def listed(entrepot):
    return json.loads(entrepot("accounts", "list", "--format", "json").stdout)


def calls(site, account):
    return sum(count.made for count in read(site, lambda tx: tx.quota.counts()) if count.account == account)
