"""Other people's clients live through a seller's day at our simulator of Amazon, which tells what came of it."""

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from attrs import field, frozen

from judges import clients
from judges.clients import ROOT, driving
from judges.seller_day import STEPS, Day, NotDone, NotOffered
from judges.simulated import simulated

TIME_SCALE = 120
MODULES = ROOT / ".judges" / "node_modules"

DONE, LEFT_OUT, FAILED = "done", "-", "no"


@frozen
class Seller:
    """A client as a day's seller. `command` starts its driver, but for the simulator's address."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(factory=dict)


def judge_day() -> None:
    print(f"A seller's day at the simulator on a port, {TIME_SCALE} times as fast, each client in its own process")
    rows = {seller.name: live(seller) for seller in sellers()}
    for line in table(rows):
        print(f"  {line}")


def sellers() -> Iterable[Seller]:
    """Those whose environment is there."""
    yield Seller(
        f"entrepot-amazon-sp {version('entrepot-amazon-sp')}", _python(sys.executable, "entrepot_amazon_sp_day")
    )
    if clients.PEERS.exists():
        python = str(clients.PEERS)
        for mode in ("sync", "async"):
            name = f"python-amazon-sp-api {clients.PYTHON_AMAZON_SP_API.version}, {mode}"
            yield Seller(name, [*_python(python, "python_amazon_sp_api_day"), mode])
        yield Seller(f"amzn-sp-api {clients.AMZN_SP_API.version}", _python(python, "amzn_sp_api_day"))
    package, node = MODULES / "amazon-sp-api" / "package.json", shutil.which("node")
    if package.exists() and node:
        name = f"amazon-sp-api {json.loads(package.read_text('utf-8'))['version']} (node)"
        yield Seller(name, [node, str(Path("drivers") / "amazon_sp_api_day.cjs")], {"NODE_PATH": str(MODULES)})


def live(seller: Seller, time_scale: int = TIME_SCALE) -> Mapping[str, str]:
    """Step to what came of it: DONE, LEFT_OUT, or the reason."""
    with simulated(time_scale) as account, driving([*seller.command, account.url], **seller.environment) as driven:
        day = Day(account, driven)
        return {name: _outcome(day, name) for name in STEPS}


def table(rows: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    """A row for each client, a column for each step; below, the reasons."""
    width = max(map(len, rows))
    yield " " * width + "  " + "  ".join(STEPS)
    for name, outcomes in rows.items():
        cells = (_cell(outcomes[step]).ljust(len(step)) for step in STEPS)
        yield f"{name:<{width}}  {'  '.join(cells)}".rstrip()
    yield f"{DONE}: the simulator's truth agrees; {LEFT_OUT}: not offered by the client"
    for name, outcomes in rows.items():
        yield from (f"{name}, {step}: {why}" for step, why in outcomes.items() if _cell(why) == FAILED)


def _outcome(day: Day, name: str) -> str:
    try:
        STEPS[name](day)
    except NotOffered:
        return LEFT_OUT
    except NotDone as why:
        return str(why)
    return DONE


def _cell(outcome: str) -> str:
    return outcome if outcome in {DONE, LEFT_OUT} else FAILED


def _python(program: str, driver: str) -> Sequence[str]:
    return [program, "-m", f"drivers.{driver}"]
