"""Writes docs/reference/requirements.md from the tests: what each of them covers, and which mutants they catch.

Run from the root: python -m docs.write_requirements
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.mutants.complaints import COMPLAINTS
from tests.mutants.test_worlds import MUTANTS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "requirements.md"
TESTS = ("tests/**/test_*.py", "tests/**/conftest.py", "connectors/*/tests/**/*.py", "core/entrepot/testing/**/*.py")
COVERS = re.compile(r"covers ((?:[PR]\d+(?:, (?:and )?| and )?)+)", re.IGNORECASE)

PROMISES: Mapping[str, str] = {
    "P1": "No lost order: every change that a channel shows is stored in the end.",
    "P2": "No duplicate effect: reading, replaying or crashing again reserves, ships and books nothing twice.",
    "P3": "Data and cursor commit together, and a watermark never passes what was not read.",
    "P4": "No oversell of our making: nothing is shown that the ledger did not have at that instant.",
    "P5": "Sent is not effective: a quantity is done when it was read back, and noted before it is sent.",
    "P6": "No 429 of our making, with nearly all of the allowance usable.",
    "P7": "Every cent has a reason.",
    "P8": "Nothing fails silently: what needs a person is a problem with a next action.",
    "P9": "Secrets and personal data stay shut.",
    "P10": "A kill at any moment costs at most one page of work.",
    "P11": "One account's trouble is its own.",
    "P12": "The same seed gives the same run.",
}

REQUIREMENTS: Mapping[str, tuple[str, str]] = {
    "R1": (
        "The items of 59 orders already end in 429, and nothing can be done about it",
        "Every request is reserved, in a bucket of its account and operation, before it is sent: no 429 of our making",
    ),
    "R5": (
        "Pacing at the documented rate still fails nine of ten calls, because another application eats the budget",
        "Limits are learned from the channel's header and from refusals: cut fast, made up slowly",
    ),
    "R6": (
        "The header with the rate is absent from refusals, and unreliable elsewhere",
        "Nothing needs it; what is missing, zero or absurd never becomes unlimited, nor a stop",
    ),
    "R7": (
        "A client that sleeps when its quota is used up hangs a loop over 50 sellers on the first one",
        "Waiting is an instant at which to ask again; no account and no operation holds another up",
    ),
    "R9": (
        "Two threads send at once, because the limiter is not synchronized",
        "Tokens are taken in one transaction: any number of workers get no more than the bucket holds",
    ),
    "R11": (
        "A throttled request in the middle of a list ends the whole loop",
        "Paging and repetition are one engine: the pass goes on at the same cursor",
    ),
    "R12": (
        "All repetitions together wait less than one token takes to come back",
        "Waits follow the operation's own period, and a 429 alone fails nothing",
    ),
    "R14": (
        "Fees for calls are announced, and nobody knows how many calls there are",
        "GET requests are counted by account, operation and object, exported, and held against a number for the month",
    ),
    "R15": ("A token ends in the middle of a long list", "Renewed in time or once refused; the same page goes on"),
    "R16": ("Threads and processes corrupt one token cache", "One asks and the others wait, over processes as well"),
    "R17": ("More than ten accounts empty the token cache", "Less than a token request per hundred calls"),
    "R18": ("Accounts overwrite each other's access token", "A token belongs to an account, whoever renews when"),
    "R19": ("A token request without a timeout hangs for ever", "Every phase of every request has its time"),
    "R20": (
        "A client secret must be replaced every 180 days, and people learn it from an outage",
        "Its age is known and told a month before its end; rotating it is a command; either secret does meanwhile",
    ),
    "R21": (
        "After a rotation, calls fail for half an hour or more",
        "Where the new secret is refused the previous one is used, and the other way round; no work is lost",
    ),
    "R22": (
        "For half an hour every seller's calls are refused as expired, and each is switched off",
        "Refusals of many accounts are one wave and one problem: calls rest, nobody parks, and all go on by themselves",
    ),
    "R23": (
        "A sync that has failed often enough turns itself off",
        "A failing stream is told and tried on; a parked account is checked, and resumes",
    ),
    "R24": (
        "Sandbox credentials in production, or the reverse: the job is just abandoned",
        "`doctor` proves credentials, environment, region, permissions and marketplaces first, and names the mismatch",
    ),
    "R27": (
        "Some sellers are refused their orders, whatever is asked of them",
        "Fewer data sets are asked for, which is told; what was missing is read for these orders once it returns",
    ),
    "R31": (
        "Orders of one busy account appear hours late, and nothing says so",
        "A pass that takes too long is a problem, and problems are alerts",
    ),
    "R32": (
        "A window that reaches into the present is refused, or read with holes",
        "Windows end at channel time less the lag that the plugin declares",
    ),
    "R33": (
        "A list gives the same page again",
        "It is noticed and told; the pass goes on behind the last page that was new",
    ),
    "R34": ("Only the first page is ever read", "A pass ends where the cursor ends, and nowhere else"),
    "R35": (
        "Each list hides the token of its next page elsewhere",
        "The place is data of each operation, and compared with the channel's own models",
    ),
    "R36": (
        "The next page must not repeat the other parameters, or must change one",
        "What becomes of them is data of each operation; a token that comes twice ends the list with an error",
    ),
    "R37": ("A refusal with an odd body counts as an empty success", "Status and shape decide; all else is an error"),
    "R38": (
        "Records older than the newest one seen so far are dropped",
        "No record is compared with another order's: lists may come in any sequence",
    ),
    "R42": (
        "Cancelled orders never change, because a known order is skipped",
        "An order is a sequence of versions, each applied once",
    ),
    "R43": (
        "Nobody knows whether a price is of a unit or a line, with tax or without",
        "A line's amounts are of all its units; gross, tax, discount and net are apart; what does not add up is told",
    ),
    "R44": ("A line's total is booked as the price of a unit", "An order's total is compared with its parts"),
    "R45": (
        "Unpaid orders have no price, and yet need their stock",
        "They reserve at once, take their price later, and release when they expire",
    ),
    "R46": (
        "One bad order stops all others",
        "It is laid aside with its reason, the page goes on, a retry takes it in",
    ),
    "R47": (
        "A failed import is marked as processed, and never tried again",
        "Nothing is done that is not stored: refused lines are a problem, and the same file takes them later",
    ),
    "R49": (
        "A region refuses for a day what was valid before",
        "A refusal of what worked is an incident: a breaker rests the calls, and all of that time is read afterwards",
    ),
    "R50": (
        "Two buyers get the last unit, because stock is read here and written there",
        "Intake is one atomic transaction: N orders on M units leave N open, and nothing above max(0, M - N) is shown",
    ),
    "R52": (
        "A quantity is reported as processed without errors, and some offers keep the old one",
        "Sent and effective are two states: each quantity is read back, and what differs is told and sent again",
    ),
    "R55": (
        "Stock that is set for one country changes the others, or a zero in one switches off all",
        "What shares a number on the channel is declared; a rule or an account that would divide it is refused",
    ),
    "R58": (
        "Stock of one's own, sent for a product that the channel fulfills, makes the channel sell the wrong one",
        "Who fulfills belongs to the offer, and to one that the channel fulfills nothing is ever sent",
    ),
    "R60": (
        "Units are there, the channel shows none, and nobody can say why",
        "`offers why` has the shelf, the rules, what was sent and seen, the channel's own words, and what to do",
    ),
    "R66": (
        "A feed is written in Latin-1, so other scripts fail; a storage's XML is an error of JSON",
        "Text goes as the declared UTF-8; what a storage says is named and repeated; an expired link is renewed",
    ),
    "R89": ("Instants with an offset are mistaken for others", "Only instants with an offset cross the border, as UTC"),
    "R90": (
        "Daylight saving decides to which day an order belongs",
        "The day of an order is that of its marketplace, on both days of change",
    ),
    "R91": (
        "Numbers differ from those of the seller's console, because days begin elsewhere",
        "Orders of a day are those of the marketplace's own day; wherever something is counted, its zone is told",
    ),
    "R95": (
        "The sandbox is static: an order, its shipment and a price cannot be tried from one end to the other",
        "A simulator of the same API lives: orders, stock, limits and faults change by what is done, and repeat",
    ),
    "R96": (
        "Whoever changes a connector cannot run its tests: they need somebody's account",
        "The whole suite runs offline, without credentials: a test that goes elsewhere fails",
    ),
    "R97": (
        "A removed version of an operation is called for months",
        "The catalog has the days: told from 180 before, a default fails a test from 90; removed types are not sent",
    ),
    "R99": (
        "A field is documented and never sent",
        "What comes beside the documentation, and what never comes, is counted, logged, and fails no record",
    ),
    "R100": (
        "A plugin that was written by the guide does not show up anywhere",
        "`plugins list --why` has every candidate, where it comes from, and why it is not loaded",
    ),
    "R101": ("The state is saved although its data is not", "One transaction holds both"),
    "R102": (
        "The next run starts where the last one ended, and misses what changed meanwhile",
        "The watermark is the window's end, fixed before the first call",
    ),
    "R103": (
        "A change between interruption and resumption is skipped",
        "A pass resumes with its own bounds; later changes lie in the next window",
    ),
}

LEAD = """# Requirements and their tests

Written by `make reference` from the docstrings of the tests. A mutant is a daemon with one function swapped for a
broken one (those of [the loop](../../tests/mutants/loop.py), for instance): the tests turn red under it.

## Promises

Explained in [the promises](../explanation/promises.md). Their mutants live through a small hostile day, and the
invariant of that name notices them."""

COMPLAINTS_LEAD = """## Complaints that are closed

What users of other connectors complain about, and what holds here instead."""


def covered() -> Mapping[str, list[tuple[str, str]]]:
    """File and name of the tests by what their docstrings say that they cover."""
    found = defaultdict[str, list[tuple[str, str]]](list)
    for path in sorted({path for pattern in TESTS for path in ROOT.glob(pattern)}):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            for match in COVERS.finditer(ast.get_docstring(node) or ""):
                for id_ in re.findall(r"[PR]\d+", match[1]):
                    found[id_].append((path.relative_to(ROOT).as_posix(), node.name))
    return found


def mutants() -> Mapping[str, list[str]]:
    """Names of the mutants by the promise or requirement that they break."""
    found = defaultdict[str, list[str]](list)
    for mutant, promise, *_ in MUTANTS:
        found[promise.split()[0]].append(mutant.__name__)
    for complaint in COMPLAINTS:
        found[complaint.id].append(complaint.mutant.__name__)
    return {id_: list(dict.fromkeys(names)) for id_, names in found.items()}


def page() -> str:
    """The whole page."""
    tests, caught = covered(), mutants()
    promises = [
        (id_, words, _files(tests[id_]), _code(caught.get(id_, ()))) for id_, words in PROMISES.items() if tests[id_]
    ]
    requirements = [
        (id_, f"{complaint}. **{words}.**", _names(tests[id_]), _code(caught.get(id_, ())))
        for id_, (complaint, words) in REQUIREMENTS.items()
    ]
    parts = [
        LEAD,
        "\n".join(_table(("promise", "in short", "tests in", "mutants"), promises)),
        COMPLAINTS_LEAD,
        "\n".join(_table(("no.", "complaint, **requirement**", "tests", "mutants"), requirements)),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    for line in [head, tuple("---" for _ in head), *rows]:
        yield "| " + " | ".join(line) + " |"


def _files(tests: list[tuple[str, str]]) -> str:
    return ", ".join(f"[{_short(path)}](../../{path})" for path in dict.fromkeys(path for path, _ in tests))


def _names(tests: list[tuple[str, str]]) -> str:
    return "<br>".join(f"[{name}](../../{path})" for path, name in tests)


def _short(path: str) -> str:
    return "/".join(path.removesuffix(".py").split("/")[-2:])


def _code(names: object) -> str:
    return "<br>".join(f"`{name}`" for name in names) if isinstance(names, list) else ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
