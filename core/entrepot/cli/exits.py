"""What the exit status of every command means, and how a command ends with one."""

from enum import IntEnum

import click

EXTRA = ("starlette", "uvicorn")
"""Libraries of the extra `simulator`."""


class Exit(IntEnum):
    """Stable: scripts and service managers decide by them."""

    FINE = 0
    PROBLEMS = 1
    USAGE = 2
    UNREACHABLE = 3
    GUARDED = 4
    DEFECT = 70
    STORE = 74
    CONFIG = 78
    STOPPED = 130


MEANINGS = {
    Exit.FINE: "fine",
    Exit.PROBLEMS: "problems are open (`problems`), something is wrong (`doctor`), a promise was broken (`demo`), "
    "more than half of the lines were refused (`stock import`: the others are taken), or a secret opens with no key "
    "(`key rotate`); no other command ends so",
    Exit.USAGE: "usage: an unknown option, account, SKU, order, offer or problem; or a library is not installed",
    Exit.UNREACHABLE: "a channel could not be reached, or refused us",
    Exit.GUARDED: "refused by a guard; nothing was changed",
    Exit.DEFECT: "a defect in Entrepot or in a plugin",
    Exit.STORE: "the database is missing, damaged, full, or of another schema",
    Exit.CONFIG: "plugins.toml or a plugin is faulty; nothing was started",
    Exit.STOPPED: "stopped at once, by Ctrl-C (`run` and `demo`: by a second one, the first ends them in order) or "
    "by a no to a question",
}


def exit_table() -> str:
    """The end of `entrepot --help`."""
    rows = "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
    return f"\b\nExit codes:\n{rows}"


class Refused(click.ClickException):
    """Ends a command: what is wrong, and what to do about it, on stderr."""

    exit_code = Exit.USAGE


class Guarded(Refused):
    """Ends a command that is understood, and would do harm."""

    exit_code = Exit.GUARDED


def is_extra(missing: ModuleNotFoundError) -> bool:
    """Is it a library that a production install goes without?"""
    return _library(missing) in EXTRA


def lacking(missing: ModuleNotFoundError) -> Refused:
    """Ends a command that runs simulators, for want of a library: ours, or one of a channel's own."""
    what = "'entrepot[simulator]'" if is_extra(missing) else _library(missing)
    return Refused(f"simulators need {_library(missing)}. Next: pip install {what}")


def _library(missing: ModuleNotFoundError) -> str:
    return (missing.name or "").partition(".")[0]
