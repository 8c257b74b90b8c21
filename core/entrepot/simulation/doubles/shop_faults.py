"""What any simulated channel can do wrong by itself. What goes wrong on the way is the network's: `NetworkFault`."""

from datetime import timedelta
from enum import StrEnum

from entrepot.simulation.doubles.fault_points import FaultPoint
from entrepot.simulation.markets.paging import PageFault

HIDDEN = (timedelta(minutes=10), timedelta(hours=3))
LATE = (timedelta(minutes=1), timedelta(hours=1))
SLOW = (timedelta(seconds=1), timedelta(minutes=1))


class ShopFault(StrEnum):
    STORM = "storm"
    OUTAGE = "outage"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    KEY_REFUSED = "key_refused"
    HTML_ERROR = "html_error"
    HTML_PAGE = "html_page"
    SLOW_ANSWER = "slow_answer"
    HALF_ANSWER = "half_answer"
    DROPPED_ANSWER = "dropped_answer"
    STALE_READ = "stale_read"
    EXPIRED_CURSOR = "expired_cursor"
    EMPTY_PAGE = "empty_page"
    REPEATED_PAGE = "repeated_page"
    REVERSED_PAGE = "reversed_page"
    HIDDEN_ORDER = "hidden_order"
    LATE_ORDER = "late_order"
    NEW_KEY = "new_key"
    NEW_WORD = "new_word"
    OTHER_TYPE = "other_type"


SHOP_FAULTS = (
    FaultPoint(ShopFault.STORM, "429 to every request that a limit counts", 0.001, timedelta(minutes=2), requests=True),
    FaultPoint(ShopFault.OUTAGE, "503 to every request", 0.0005, timedelta(minutes=10), requests=True),
    FaultPoint(ShopFault.ERROR_BEFORE, "500, and nothing was done", 0.01, requests=True),
    FaultPoint(ShopFault.ERROR_AFTER, "500, and yet it was done", 0.01, requests=True),
    FaultPoint(ShopFault.KEY_REFUSED, "401 for a key that is good", 0.002, requests=True),
    FaultPoint(ShopFault.HTML_ERROR, "503 with a page of HTML, and nothing was done", 0.005, requests=True),
    FaultPoint(ShopFault.HTML_PAGE, "200 with a page of HTML, and it was done", 0.005, requests=True),
    FaultPoint(ShopFault.SLOW_ANSWER, "the answer takes a second to a minute longer", 0.01, requests=True),
    FaultPoint(ShopFault.HALF_ANSWER, "the connection ends in the middle of the body", 0.005, requests=True),
    FaultPoint(ShopFault.DROPPED_ANSWER, "the connection ends before the body", 0.005, requests=True),
    FaultPoint(ShopFault.STALE_READ, "the answer that the same request was given the time before", 0.01, requests=True),
    FaultPoint(ShopFault.EXPIRED_CURSOR, "a page token is outdated before its time", 0.01),
    FaultPoint(ShopFault.EMPTY_PAGE, "a page without orders, and more behind it", 0.01),
    FaultPoint(ShopFault.REPEATED_PAGE, "the page of the time before", 0.005),
    FaultPoint(ShopFault.REVERSED_PAGE, "the newest change first", 0.01),
    FaultPoint(ShopFault.HIDDEN_ORDER, "lists leave the order out for ten minutes to three hours", 0.01),
    FaultPoint(ShopFault.LATE_ORDER, "lists show a change up to an hour after they should", 0.02),
    FaultPoint(ShopFault.NEW_KEY, "a key that no documentation has", 0.01, requests=True),
    FaultPoint(ShopFault.NEW_WORD, "a status that no documentation has", 0.002, requests=True),
    FaultPoint(ShopFault.OTHER_TYPE, "a value that is of another type than ever before", 0.002, requests=True),
)

PAGE_FAULTS = {
    ShopFault.EMPTY_PAGE: PageFault.EMPTY,
    ShopFault.REPEATED_PAGE: PageFault.REPEATED,
    ShopFault.REVERSED_PAGE: PageFault.REVERSED,
}
