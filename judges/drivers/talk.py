"""How a driver is asked: a question a line on stdin, what its client told a line on stdout. Runs in any environment."""

import contextlib
import json
import sys
from decimal import Decimal

MOST_TOLD = 300
"""Characters of an exception."""


class NotCovered(Exception):  # noqa: N818 - no mistake
    """The client has nothing for the case."""


def answer_each(driver):
    """`driver.ways(case)` are those to try, `driver.call(case, way)` tells what came of one.

    An exception of another kind than the client documents is told by its name: it is the client's own.
    """
    _answer(lambda case: _told(driver, case))


def answer_steps(seller):
    """`seller` has a method for each step that its client offers; `refusals` are the exceptions that it documents."""
    _answer(lambda asked: _done(seller, asked["step"], asked["given"]))


def _answer(tell):
    channel = sys.stdout
    for line in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            told = tell(json.loads(line))
        print(json.dumps(told, default=_plain), file=channel, flush=True)


def _done(seller, step, given):
    if not hasattr(seller, step):
        return {"not_offered": True}
    try:
        return {"answer": getattr(seller, step)(**given)}
    except seller.refusals as refused:
        return {"refused": f"{type(refused).__name__}: {refused}"[:MOST_TOLD]}
    except Exception as error:  # noqa: BLE001 - whatever the client raises is its answer
        return {"raised": f"{type(error).__name__}: {error}"[:MOST_TOLD]}


def _plain(value):
    return float(value) if isinstance(value, Decimal) else str(value)


def _told(driver, case):
    ways = driver.ways(case)
    if not ways:
        return {"ways": 0, "not_covered": "no method"}
    try:
        return {"ways": len(ways)} | driver.call(case, ways[case["way"]])
    except NotCovered as missing:
        return {"ways": len(ways), "not_covered": str(missing)}
    except Exception as error:  # noqa: BLE001 - whatever the client raises is its answer
        return {"ways": len(ways), "raised": f"{type(error).__name__}: {error}"[:MOST_TOLD]}
