"""The fault matrix: what the client does with every fault, against a table that was written by hand."""

import pytest

from docs import write_faults
from tests.faults.matrix import BODIES, CALLS, STATUSES, faults, reaction
from tests.faults.wire import CUT, LATE, LOST, REFUSED, SILENT, TRICKLING

ANSWER = "answer"
AGAIN = "sent again, then answer"
RENEWED = "token renewed, then answer"
UNKNOWN, TRANSIENT, REJECTED = "UnknownOutcome", "TransientError", "RejectedError"

# Of a read, of a write that may be sent twice, of any other write.
SAFE_FOR_ALL = (AGAIN, AGAIN, AGAIN)  # it certainly had no effect
NOT_FOR_ALL = (AGAIN, AGAIN, UNKNOWN)  # it may have had one
GIVEN_UP = (TRANSIENT, UNKNOWN, UNKNOWN)  # its time is over
REFUSED_FOR_GOOD = (REJECTED, REJECTED, REJECTED)
WITH_A_NEW_TOKEN = (RENEWED, RENEWED, RENEWED)
DONE = (ANSWER, ANSWER, ANSWER)

MOMENTS = {
    REFUSED: SAFE_FOR_ALL,
    LOST: NOT_FOR_ALL,
    CUT: NOT_FOR_ALL,
    SILENT: NOT_FOR_ALL,
    TRICKLING: GIVEN_UP,
    LATE: DONE,
}
DOCUMENTS = {"as documented", "an error list", "as documented, called text/html"}
"""Bodies that are an answer where the status is 200."""

BY_STATUS = {
    302: NOT_FOR_ALL,
    400: REFUSED_FOR_GOOD,
    401: WITH_A_NEW_TOKEN,
    403: WITH_A_NEW_TOKEN,
    404: REFUSED_FOR_GOOD,
    409: REFUSED_FOR_GOOD,
    413: REFUSED_FOR_GOOD,
    414: REFUSED_FOR_GOOD,
    415: REFUSED_FOR_GOOD,
    429: SAFE_FOR_ALL,
    431: REFUSED_FOR_GOOD,
    500: NOT_FOR_ALL,
    501: REFUSED_FOR_GOOD,
    502: NOT_FOR_ALL,
    503: NOT_FOR_ALL,
    504: NOT_FOR_ALL,
}
OF_A_WEB_PAGE = {403: NOT_FOR_ALL, 404: NOT_FOR_ALL}
"""It is not Amazon's API that refused."""


def expected(fault):
    if fault.name in MOMENTS:
        return MOMENTS[fault.name]
    if fault.name == "200":
        return DONE if fault.body in DOCUMENTS else NOT_FOR_ALL
    by_page = OF_A_WEB_PAGE if fault.body == "a web page" else {}
    return by_page.get(int(fault.name), BY_STATUS[int(fault.name)])


@pytest.mark.parametrize("fault", list(faults()), ids=lambda fault: f"{fault.name}-{fault.body}")
def test_each_fault_has_its_reaction(fault):
    """Covers R37, P5: success is decided by status and shape, and what may have been applied is not repeated."""
    assert tuple(reaction(fault, kind) for kind in CALLS) == expected(fault)


def test_the_matrix_is_whole():
    lived = {(fault.name, fault.body) for fault in faults()}
    assert {(str(status), body) for status in STATUSES for body in BODIES} <= lived
    assert MOMENTS.keys() <= {name for name, _ in lived}
    assert BY_STATUS.keys() | {200} == set(STATUSES)


def test_the_page_says_what_happens():
    assert write_faults.PAGE.read_text("utf-8") == write_faults.page(), "run: make reference"


def test_the_page_on_the_simulator_has_its_faults():
    assert write_faults.SIMULATOR.read_text("utf-8") == write_faults.simulator_page(), "run: make reference"
