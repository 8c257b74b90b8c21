"""Rules for every test of the repository: offline, the same examples each time, no skip that nobody agreed to."""

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import settings

from tests.offline import offline

ALLOWED = Path(__file__).parent / "tests" / "allowed_skips.txt"

# A deadline would judge the machine; chance would judge the day.
settings.register_profile("entrepot", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("entrepot")


@pytest.fixture(scope="session", autouse=True)
def _offline() -> Iterator[None]:
    with offline():
        yield


def pytest_configure(config: pytest.Config) -> None:
    """In a worker of pytest-xdist a skip says nothing: the controller sees every report."""
    strict = os.environ.get("ENTREPOT_STRICT_SKIPS") == "1" or os.environ.get("CI")
    if strict and not hasattr(config, "workerinput"):
        config.pluginmanager.register(AgreedSkips(allowed_patterns(ALLOWED.read_text())), "agreed-skips")


def allowed_patterns(text: str) -> tuple[str, ...]:
    patterns = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(pattern for pattern in patterns if pattern)


class AgreedSkips:
    """Fails a run in which a test or a module was skipped (or expected to fail) that no pattern allows."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns
        self.found: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not any(fnmatchcase(report.nodeid, pattern) for pattern in self.patterns):
            where_and_why = report.longrepr
            self.found[report.nodeid] = where_and_why[2] if isinstance(where_and_why, tuple) else "expected failure"

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        if self.found and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.found:
            terminalreporter.section("skipped without agreement", red=True)
            for nodeid, reason in sorted(self.found.items()):
                terminalreporter.line(f"{nodeid}: {reason}")
            terminalreporter.line("Make it run, or add it with its reason to tests/allowed_skips.txt.")
