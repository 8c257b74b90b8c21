"""Figures of long runs: a test notes them, and they are printed at the end."""

import pytest

FIGURES = "figures"


@pytest.fixture
def note(record_property):
    """Print a line of figures after all tests."""
    return lambda line: record_property(FIGURES, line)


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    lines = [line for report in reports for name, line in report.user_properties if name == FIGURES]
    if lines:
        terminalreporter.section(FIGURES)
        for line in lines:
            terminalreporter.line(line)
