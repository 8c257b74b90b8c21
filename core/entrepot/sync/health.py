"""Is the account let in, and where does it sell? The only work of an account that is parked."""

from datetime import timedelta

from attrs import evolve

from entrepot.channel import AccountDescription, Check, CheckReport, DescribeAccount
from entrepot.model import ProblemKind, Severity
from entrepot.store.records import StreamKind, StreamRow
from entrepot.sync.announce import close_problem, open_problem
from entrepot.sync.description import dump_description
from entrepot.sync.runtime import Idle, Outcome, Plan, Turn

CHECK_EVERY = timedelta(hours=6)


def plan_health(turn: Turn) -> Plan | Idle:
    """Describe the account once, check it from then on."""
    required = turn.runtime.bound.required
    if turn.account.description is None and turn.account.parked_since is None:
        return Plan("describe_account", call=lambda: required.describe_account(DescribeAccount()), finish=_described)
    return Plan("check", call=lambda: required.check(Check()), finish=_checked)


def _described(outcome: Outcome, description: AccountDescription) -> StreamRow:
    outcome.tx.accounts.describe(outcome.stream.account, dump_description(description))
    for kind in (StreamKind.ORDERS, StreamKind.ORDER_REPAIR, StreamKind.STOCK):
        outcome.tx.streams.wake(outcome.stream.account, kind, outcome.now)
    return evolve(outcome.stream, next_due=outcome.now)


def _checked(outcome: Outcome, report: CheckReport) -> StreamRow:
    account = outcome.stream.account
    if outcome.tx.accounts.resume(account):
        close_problem(outcome.tx, ProblemKind.ACCOUNT_PARKED, account, f"account/{account}", outcome.now)
    _tell_missing(outcome, report)
    _tell_warnings(outcome, report)
    return evolve(outcome.stream, next_due=outcome.now + outcome.runtime.pace.scaled(CHECK_EVERY))


def _tell_missing(outcome: Outcome, report: CheckReport) -> None:
    account = outcome.stream.account
    if report.missing:
        names = ", ".join(sorted(report.missing))
        open_problem(
            outcome.tx,
            ProblemKind.PERMISSION_MISSING,
            account,
            f"account/{account}",
            f"{account} lacks {names}",
            "grant it on the channel; it is noticed at the next check, within six hours",
            outcome.now,
        )
    else:
        close_problem(outcome.tx, ProblemKind.PERMISSION_MISSING, account, f"account/{account}", outcome.now)


def _tell_warnings(outcome: Outcome, report: CheckReport) -> None:
    account = outcome.stream.account
    if report.warnings:
        open_problem(
            outcome.tx,
            ProblemKind.CREDENTIALS_EXPIRE,
            account,
            f"account/{account}",
            f"{account}: {'; '.join(warning.message for warning in report.warnings)}",
            "; ".join(warning.next_action for warning in report.warnings),
            outcome.now,
            Severity.WARNING,
        )
    else:
        close_problem(outcome.tx, ProblemKind.CREDENTIALS_EXPIRE, account, f"account/{account}", outcome.now)
