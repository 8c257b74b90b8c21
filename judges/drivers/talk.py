"""How a driver is asked: a case a line on stdin, what its client told a line on stdout. Runs in any environment."""

import contextlib
import json
import sys
from decimal import Decimal


class NotCovered(Exception):  # noqa: N818 - no mistake
    """The client has nothing for the case."""


def answer_each(driver):
    """`driver.ways(case)` are those to try, `driver.call(case, way)` tells what came of one.

    An exception of another kind than the client documents is told by its name: it is the client's own.
    """
    channel = sys.stdout
    for line in sys.stdin:
        case = json.loads(line)
        with contextlib.redirect_stdout(sys.stderr):
            told = _told(driver, case)
        print(json.dumps(told, default=_plain), file=channel, flush=True)


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
        return {"ways": len(ways), "raised": f"{type(error).__name__}: {error}"[:300]}
