"""The command line on a folder of its own: a plugins.toml, a catalog, a clock that stands still."""

import asyncio
import json
import logging
from datetime import datetime

import pytest
import structlog
from click.testing import CliRunner

from entrepot.cli import context, main
from entrepot.store.sqlite import SqliteStore, ThreadRunner, migrate
from tests.cli.shop import CATALOG, NOW, PLUGINS


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture(autouse=True)
def logging_as_it_was():
    root = logging.getLogger()
    before = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "plugins.toml").write_text(PLUGINS)
    (tmp_path / "skus.csv").write_text(CATALOG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("ENTREPOT_CONFIG", raising=False)
    monkeypatch.setattr(context, "SystemClock", StoppedClock)
    return tmp_path


@pytest.fixture
def entrepot(folder):
    """Run a command; what it raises on purpose is in its exit code, what else it raises fails the test."""

    def run(*args, code=0):
        result = CliRunner().invoke(main, args, catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def ask(entrepot):
    """Run a command with --format json: all of its stdout is one document."""
    return lambda *args, code=0: json.loads(entrepot(*args, "--format", "json", code=code).stdout)


@pytest.fixture
def fill(folder):
    """Run units of work on the database, which is made where it is absent."""

    def write(*works):
        async def writing():
            runner = ThreadRunner()
            store = SqliteStore(path, runner, durable=False)
            try:
                return [await store.write(work) for work in works][-1]
            finally:
                store.close()
                runner.close()

        path = folder / "shop.db"
        if not path.exists():
            migrate(path)
        return asyncio.run(writing())

    return write
