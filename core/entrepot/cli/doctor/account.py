"""What a channel says of one account: let in, permitted, selling where we think, in the same time."""

import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from entrepot.channel import AccountDescription, Check, CheckReport, DescribeAccount, FetchOrders, FetchStock, Reads
from entrepot.cli.asking import ask, connected
from entrepot.cli.doctor.finding import Finding
from entrepot.cli.doctor.machine import told_faults
from entrepot.cli.doctor.refused import Patient, explain, name_failure, used_up
from entrepot.cli.show import Times
from entrepot.errors import ConfigError
from entrepot.model import Marketplace, Window
from entrepot.store import Tx
from entrepot.sync.calls import Called
from entrepot.sync.failing import SKEW_PARKS, SKEW_TOLD
from entrepot.sync.runtime import Runtime

A_LOOK = timedelta(minutes=1)
"""The span of orders that is asked for: an answer is wanted, not orders."""

NOTICE = timedelta(days=180)
"""So long before the channel removes something it is told."""


async def examine(patient: Patient) -> list[Finding]:
    """Everything is a read. What would have to be asked next is left out where a call fails."""
    try:
        async with connected(patient.home, patient.store, patient.account) as runtime:
            return await _Visit(patient, runtime).findings()
    except ConfigError as wrong:
        return told_faults(patient.home, wrong.faults)


class _Visit:
    def __init__(self, patient: Patient, runtime: Runtime) -> None:
        self._patient = patient
        self._runtime = runtime
        self._found: list[Finding] = []

    async def findings(self) -> list[Finding]:
        required = self._runtime.bound.required
        report = await self._ask("account", "check", lambda: required.check(Check()))
        if report is not None:
            account = self._patient.account
            version = f"{account.channel.id}, {account.environment}"
            self._found.append(self._patient.subject("account").fine(f"{version}: credentials accepted"))
            self._found += _warnings(self._patient, report)
            self._found += _retired(self._patient, report)
            description = await self._ask(
                "account", "describe_account", lambda: required.describe_account(DescribeAccount())
            )
            if description is not None:
                self._found += _marketplaces(self._patient, description)
                self._found += _permissions(self._patient, report, description)
            await self._try_orders()
            await self._try_stock()
        self._found += _clock(self._patient, self._runtime.http.offset)
        return self._found

    async def _ask(self, what: str, operation: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """None where there is no answer; why is told."""
        patient = self._patient
        called = await ask(patient.store, self._runtime, operation, work, patient.home.clock)
        if isinstance(called, datetime):
            times = Times(patient.home.clock.now(), patient.home.config.time_zone)
            self._found.append(used_up(patient, what, times.at(called)))
            return None
        if called.error is not None:
            self._found.append(await self._why(what, operation, called))
            return None
        return called.result

    async def _why(self, what: str, operation: str, called: Called) -> Finding:
        assert called.error is not None  # noqa: S101 - for the type checker; the caller has looked
        if operation == "check":
            return await explain(self._patient, called.error)
        return name_failure(self._patient, what, called.error)

    async def _try_orders(self) -> None:
        """Credentials may be good and the orders forbidden."""
        orders, facts = self._runtime.bound.orders, self._runtime.channel.operations.get("fetch_orders")
        if orders is None or not isinstance(facts, Reads):
            return
        offset = self._runtime.http.offset or timedelta()
        end = self._patient.home.clock.now() + offset - self._runtime.pace.scaled(facts.settle_lag)
        window = Window(end - A_LOOK, end)
        request = FetchOrders(window, facts.page_size, marketplaces=self._runtime.marketplaces)
        if await self._ask("orders", "fetch_orders", lambda: orders.fetch_orders(request)) is not None:
            self._found.append(self._patient.subject("orders").fine("can be read"))

    async def _try_stock(self) -> None:
        stock = self._runtime.bound.stock
        offer = await self._patient.store.read(self._some_offer)
        if stock is None or offer is None:
            return
        request = FetchStock((offer,), marketplaces=self._runtime.marketplaces)
        if await self._ask("stock", "fetch_stock", lambda: stock.fetch_stock(request)) is not None:
            self._found.append(self._patient.subject("stock").fine("can be read"))

    def _some_offer(self, tx: Tx) -> str | None:
        seen = tx.offers.candidates(self._patient.account.id, "", 1)
        return next(iter([*seen, *self._patient.home.config.articles]), None)


def _warnings(patient: Patient, report: CheckReport) -> Iterator[Finding]:
    for warning in report.warnings:
        yield patient.subject("credentials").warn("D022", warning.message, f"{warning.next_action}, {patient.again}")


def _marketplaces(patient: Patient, described: AccountDescription) -> Iterator[Finding]:
    pools = groupby(described.marketplaces, key=lambda place: (place.stock_pool, place.currency))
    for (_, currency), group in pools:
        yield _sells(patient, currency, list(group))
    for name in _absent(patient, described):
        message = "the account does not sell there"
        action = f"take {name} out of marketplaces, or open it on the channel, {patient.again}"
        yield patient.subject(name).wrong("D017", message, action)


def _sells(patient: Patient, currency: str, places: list[Marketplace]) -> Finding:
    shared = ", one stock pool" if len(places) > 1 else ""
    return patient.subject(" ".join(place.id for place in places)).fine(currency + shared)


def _absent(patient: Patient, described: AccountDescription) -> list[str]:
    known = {place.id for place in described.marketplaces}
    return [name for name in patient.account.marketplaces if name not in known]


def _permissions(patient: Patient, report: CheckReport, described: AccountDescription) -> Iterator[Finding]:
    """One that names an absent marketplace is told there."""
    absent = set(_absent(patient, described))
    for missing in sorted(report.missing):
        if not absent & set(re.findall(r"[\w-]+", missing)):
            action = f"grant it on the channel, authorize again, {patient.again}"
            yield patient.subject("permissions").wrong("D012", f"{missing} is missing", action)


def _retired(patient: Patient, report: CheckReport) -> Iterator[Finding]:
    today = patient.home.clock.now().date()
    for each in report.retired:
        if each.removed - today <= NOTICE:
            instead = f" (it should use {each.instead} by then)" if each.instead else ""
            action = f"update the plugin that brings {patient.account.channel.id}{instead}, {patient.again}"
            yield patient.subject(each.operation).warn("D020", f"the channel removes it on {each.removed}", action)


def _clock(patient: Patient, offset: timedelta | None) -> Iterator[Finding]:
    if offset is None:
        return
    subject, apart = patient.subject("clock"), abs(offset.total_seconds())
    if apart <= SKEW_TOLD:
        yield subject.fine(f"{apart:.1f} s from the channel's" if apart else "within 2 s of the channel's")
        return
    finding = subject.wrong if apart > SKEW_PARKS else subject.warn
    side = "behind" if offset > timedelta() else "ahead of"
    yield finding(
        "D021", f"{apart:.0f} s {side} the channel's", f"synchronize this machine's clock (NTP), {patient.again}"
    )
