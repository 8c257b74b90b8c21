"""The tutorial of a merchant's first week is what happens: its commands are run anew, in real processes."""

import re
from datetime import UTC, datetime

import pytest

from docs.write_week import PAGE, blocks, week
from entrepot.model import business_date

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("system")]

DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
CELLS = r"^(amazon|webshop) "

MOMENTS = {
    r" +": " ",
    r"\b\d{4}-\d\d-\d\d \d\d:\d\d\b": "DATE",
    rf"\b(?:{DAY} )?\d\d:\d\d(?::\d\d)?\b": "TIME",
    r"\b\d+ (?:s|min) ago": "AGO",
    r"\battempt [0-9a-f]+": "attempt ID",
    r"^P\d+ ": "P ",
    r"\bschema \d+, [\d.]+ GB": "schema, GB",
    r"(amazon_sp|mock_channel) [\d.]+\w*": r"\1 VERSION",
    # status: orders, offers that are not equal and the state; not how many are of today, the lag and the calls
    CELLS + r"(\d+) \d+ TIME TIME \S+ \S+ (\d+) \d+ (shadow|live)$": r"\1 \2 \3 \4",
    # quota: what was refused, and the limits; not the calls made, the tokens that are left, and who waits for one
    CELLS + r"([a-z_]+) \d+ (\d+) [\d -]+ ([a-z]+) \S+ (.*)$": r"\1 \2 \3 \4 \5",
    CELLS + r"(\w+ .* a second .*) (\d+) [\d.]+ \S+$": r"\1 \2 \3",
    r"the month is \d{4}-\d\d": "the month is MONTH",
}


def lasting(block):
    """What is the same in each run."""
    for moment, word in MOMENTS.items():
        block = re.sub(moment, word, block, flags=re.MULTILINE)
    return block.splitlines()


def today():
    return business_date(datetime.now(UTC), "Europe/Berlin")


def play_within_a_day(documented):
    """Once more where midnight came between: `Mon 23:59` is wider than `23:59:16`, and text folds otherwise."""
    began = today()
    with week() as played:
        happened = [played.play(block) for block in documented]
    return happened if today() == began else play_within_a_day(documented)


def test_the_page_is_what_happens():
    documented = blocks(PAGE.read_text("utf-8"))
    happened = play_within_a_day(documented)
    assert len(documented) > 10
    for before, now in zip(documented, happened, strict=True):
        assert lasting(now) == lasting(before), "see whether it is right; then: make readme"


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (
            "amazon   45   45   23:59:16   Tue 23:59   1 s   0   50   live",
            "amazon 45 0 00:00:07 00:00:08 2 s 0 9 live",
            True,
        ),
        (
            "amazon   45   45   23:59:16   23:59:18   1 s   0   50   live",
            "amazon 45 0 00:00:07 00:00:08 2 s 1 9 live",
            False,
        ),
        (
            "webshop   push_stock   6   0   6   0   5   offers   1200.0   stock",
            "webshop push_stock 7 0 1 007 8 9 offers - stock",
            True,
        ),
        (
            "webshop   push_stock   6   0   6   0   5   offers   1200.0   stock",
            "webshop push_stock 6 1 6 0 5 offers 1200.0 stock",
            False,
        ),
        (
            "webshop   stock   1000 a second   as published   10   1.0   -",
            "webshop stock 1000 a second as published 10 9.0 push",
            True,
        ),
        (
            "webshop   stock   1000 a second   as published   10   1.0   -",
            "webshop stock 1000 a second told by the channel 10 1.0 -",
            False,
        ),
        ("  on hand     52  main", "  on hand     51  main", False),
    ],
)
def test_moments_are_passed_over_and_nothing_else(before, now, same):
    assert (lasting(before) == lasting(now)) is same
