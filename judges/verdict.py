"""Whether what a client told is what Amazon published."""

import re
from datetime import datetime
from typing import Any

from connectors.amazon_sp.tests.sandbox_judge import NOTHING, Case

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")

OWN = "its own "
"""Begins the reason where the client failed by an exception that it does not document."""

UNRECOGNIZED = "the request is not the documented one"

BESIDE = ("errors", "pagination", "nextToken")
"""What a client may have beside the document itself; where the document lacks it, it says nothing."""


def fault(case: Case, told: dict[str, Any], *, recognized: bool) -> str:
    """The reason for a failure; empty where the client told the documented answer, or the documented error."""
    if "raised" in told:
        return OWN + told["raised"].partition(":")[0]
    if case.status >= 400:
        return _refusal_fault(case, told, recognized=recognized)
    if "refused" in told:
        return "a success is told as an error" if recognized else UNRECOGNIZED
    return "" if alike(case.response, told["answer"]) else "the answer is not told as documented"


def reach(reason: str) -> int:
    """How far a failed attempt came: to the sandbox, and to an answer that is meant."""
    return 0 if reason.startswith(OWN) else 1 if reason == UNRECOGNIZED else 2


def _refusal_fault(case: Case, told: dict[str, Any], *, recognized: bool) -> str:
    if "refused" not in told:
        return "an error is told as a success"
    if not recognized:
        return UNRECOGNIZED
    listed = case.response.get("errors") if isinstance(case.response, dict) else None
    wanted = (listed or [{}])[0].get("code", "")
    said = (told["refused"]["errors"] or [{}])[0].get("code", "")
    status = told["refused"]["status"]
    return "" if said == wanted and status in {case.status, None} else "the error is not told as documented"


def alike(published: Any, told: Any) -> bool:
    """An empty answer is as good as none, the one element of a list as good as the list, an instant as its text."""
    if published is NOTHING:
        return not (told and _plain({**told, "status_code": None}))
    if isinstance(published, list) and len(published) == 1 and isinstance(told, dict):
        published = published[0]
    if isinstance(published, dict) and isinstance(told, dict):
        told = {name: each for name, each in told.items() if name in published or name not in BESIDE}
    return _plain(published) == _plain(told)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        plain = {name: _plain(each) for name, each in value.items()}
        return {name: each for name, each in plain.items() if each not in (None, {}, [])}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return _instant(value)
    return value


def _instant(text: str) -> Any:
    """Without an offset it is meant in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else datetime.fromisoformat(f"{text}+00:00")).timestamp()
