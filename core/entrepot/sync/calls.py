"""One call of a connector's operation: reserved, timed, and with every failure turned into what the core does next."""

import asyncio
from datetime import datetime
from typing import Any

from attrs import frozen

from entrepot.channel import PushReport, Reads, RecordPage
from entrepot.errors import ChannelError, TransientError, UnknownOutcome
from entrepot.http import CallGrant, OneMore, grant
from entrepot.quota.shared import reserve_one_more
from entrepot.runtime import Clock
from entrepot.store import Store
from entrepot.sync.blocking import Doer, Stretches
from entrepot.sync.runtime import Plan, Runtime


@frozen
class Called:
    """What a call brought: its digested result or its failure, and what it spent.

    `records`: how many it told of, or how many offers it was told of. `stretches` of work say whether the plugin gave
    way.
    """

    result: Any
    error: ChannelError | None
    granted: CallGrant
    stretches: Stretches
    records: int = 0


async def call(store: Store, runtime: Runtime, plan: Plan, deadline: datetime, clock: Clock) -> Called:
    """Make the call of a plan. It ends before `deadline`: the lease and the attempt count on that."""
    facts = runtime.channel.operations.get(plan.operation, Reads())
    stretches = Stretches(Doer(runtime.channel.id, runtime.id, plan.operation))
    with grant(plan.operation, facts, _one_more(store, runtime, deadline, clock)) as granted:
        try:
            answer, result = await _timed(runtime, plan, granted, deadline, clock, stretches)
        except ChannelError as error:
            return Called(None, error, granted, stretches)
    return Called(result, None, granted, stretches, _records(answer))


def _one_more(store: Store, runtime: Runtime, deadline: datetime, clock: Clock) -> OneMore:
    """Reserves a request beyond those that the operation declares."""

    async def reserve(limit: str) -> bool:
        return await store.write(lambda tx: reserve_one_more(tx.quota, runtime.spender, limit, clock.now(), deadline))

    return reserve


async def _timed(
    runtime: Runtime, plan: Plan, granted: CallGrant, deadline: datetime, clock: Clock, stretches: Stretches
) -> tuple[Any, Any]:
    """The answer, and what `digest` made of it."""
    left = (deadline - clock.now()).total_seconds()
    if left <= 0:
        msg = f"{plan.operation} of {runtime.id} was not sent: its deadline passed before it could start"
        raise TransientError(msg)
    try:
        async with asyncio.timeout(left):
            answer = await stretches.of(plan.call())
            return answer, stretches.measure(lambda: plan.digest(answer))
    except ChannelError:
        raise
    except TimeoutError as late:
        msg = f"{plan.operation} of {runtime.id} did not end before its deadline"
        raise _cut_off(granted)(msg) from late
    except Exception as defect:
        what = f"{type(defect).__name__}: {defect}"
        msg = f"{plan.operation} of {runtime.id}: the plugin {runtime.channel.id} failed with {what}"
        raise _cut_off(granted)(msg) from defect


def _records(answer: Any) -> int:
    match answer:
        case RecordPage():
            return len(answer.records)
        case PushReport():
            return len(answer.results)
        case _:
            return 0


def _cut_off(granted: CallGrant) -> type[ChannelError]:
    """A write of which something has left may have been applied."""
    return UnknownOutcome if granted.writes and granted.requests else TransientError
