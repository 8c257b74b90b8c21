"""Mutants: each swaps one function for a broken one, until the test ends."""

import asyncio
import random
import re
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
from attrs import evolve

from entrepot.cli.doctor import refused
from entrepot.cli.offers import next_step
from entrepot.config import rules
from entrepot.errors import LeaseLost
from entrepot.http import client, policy, port, refusal, sharing, tokens
from entrepot.http.answer import Answer
from entrepot.http.breaker import Circuit
from entrepot.http.policy import WAITS, Waits
from entrepot.model import Order, OrderLine, OrderStatus, business_date, order, utc
from entrepot.plugins.load import _Loading
from entrepot.plugins.module import import_plugin
from entrepot.quota import Granted, Level, Priority, learning, memory_bucket, shared
from entrepot.quota.buckets import buckets_of
from entrepot.simulation.doubles.throttle import Throttle
from entrepot.stock.publishing import Verdict
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import SqliteStore, accounts, offers, streams
from entrepot.store.sqlite.ledger import SqliteLedger
from entrepot.store.sqlite.quota import SqliteQuota
from entrepot.store.sqlite.streams import SqliteStreams
from entrepot.sync import (
    applications,
    budget,
    daemon,
    data_sets,
    health,
    importing,
    intake,
    observing,
    orders,
    records,
    step,
    wishes,
)
from entrepot.sync.orders import plan_orders
from entrepot.sync.push import plan_push
from entrepot.sync.reading import Reader
from entrepot.sync.runtime import Plan, nothing
from entrepot.sync.schema_drift import SchemaDrift
from entrepot.sync.windows import watermark_after
from entrepot.testing.contract import mapping
from entrepot.vault import token_cache
from entrepot_amazon_sp import catalog, connector, retirement, selling_partner
from entrepot_amazon_sp.authorization import ages, overlap
from entrepot_amazon_sp.documents import content, storage
from entrepot_amazon_sp.simulator.account import Account
from entrepot_amazon_sp.simulator.orders import shipments
from tests import offline

# The unit of work


def _step_that_ends(monkeypatch, end):
    """A step whose last transaction is replaced by what `end` does."""

    async def broken(worker, stream):
        runtime = worker.accounts[stream.account]
        begun = await worker.store.write(lambda tx: step._begin(tx, worker, runtime, stream))
        if begun is not None:
            called = await step.call(worker.store, runtime, begun.plan, begun.deadline, worker.clock)
            with suppress(LeaseLost):
                await end(worker, runtime, begun, called)

    monkeypatch.setattr(daemon, "step", broken)


def cursor_before_data(monkeypatch):
    """The page's cursor is committed first, its orders after that."""

    async def end(worker, runtime, begun, called):
        pages = []

        def cursor(tx):
            with monkeypatch.context() as patch:
                patch.setattr(orders, "take_in", lambda _, source, page, now: pages.append((source, page)) or set())
                step._end(tx, worker, runtime, begun, called, worker.clock.now())

        def data(tx):
            for source, page in pages:
                affected = orders.take_in(tx, source, page, worker.clock.now())
                orders.wish_again(tx, affected, worker.clock.now())

        await worker.store.write(cursor)
        if pages:
            await worker.store.write(data)

    _step_that_ends(monkeypatch, end)


def position_read_in_one_call_and_written_in_another(monkeypatch):
    """What is reserved is read first, and the sum is written later: whoever came between is forgotten."""

    async def end(worker, runtime, begun, called):
        found = await worker.store.read(lambda tx: tx.ledger.positions())
        before = {(position.sku, position.location): position.reserved for position in found}

        def write(ledger, sku, location, units):
            stale = before.get((sku, location), 0)
            reserve(ledger, sku, location, stale + units - ledger.position(sku, location)[0].reserved)

        def late(tx):
            with monkeypatch.context() as patch:
                patch.setattr(SqliteLedger, "reserve", write)
                step._end(tx, worker, runtime, begun, called, worker.clock.now())

        await worker.store.write(late)

    reserve = SqliteLedger.reserve
    _step_that_ends(monkeypatch, end)


def epoch_check_removed(monkeypatch):
    """Whoever wakes up after the end of the lease writes over what others have done since."""
    fence = " AND epoch = :epoch"
    monkeypatch.setattr(SqliteStreams, "assert_epoch", lambda self, stream: None)
    for name in ("hold", "release"):
        statement = getattr(streams.SQL, name)
        assert fence in statement
        monkeypatch.setattr(streams.SQL, name, statement.replace(fence, ""))


# Passes


def watermark_at_the_end_of_the_pass(monkeypatch):
    """What changes during the pass is skipped."""
    end_pass = orders._end_pass

    def late(outcome, page, sweep):
        return evolve(end_pass(outcome, page, sweep), watermark=outcome.channel_now)

    monkeypatch.setattr(orders, "_end_pass", late)


def window_opened_anew_at_each_page(monkeypatch):
    """The bounds of a pass move with the clock."""

    def plan(turn):
        return plan_orders(evolve(turn, stream=evolve(turn.stream, window=None)))

    monkeypatch.setitem(step.WORK, StreamKind.ORDERS, plan)


def lateness_never_judged(monkeypatch):
    """Nothing fails, so nothing is told."""
    monkeypatch.setattr(orders, "tell_late", lambda turn, facts: None)


def window_until_now(monkeypatch):
    """The settle lag is left out."""
    open_window = orders.open_window

    def hasty(stream, facts, sweep, channel_now):
        return open_window(stream, evolve(facts, settle_lag=timedelta(0)), sweep, channel_now)

    monkeypatch.setattr(orders, "open_window", hasty)


def _pass_over(stream):
    return evolve(orders._from_start(stream), watermark=watermark_after(stream))


def refusal_ends_the_pass(monkeypatch):
    """The loop over the pages dies of the first refusal, and what it has is taken for all."""
    monkeypatch.setattr(orders, "_fail", lambda outcome, error: _pass_over(outcome.stream))


def repeated_page_ends_the_pass(monkeypatch):
    monkeypatch.setattr(orders, "_page_repeats", lambda outcome: _pass_over(outcome.stream))


def empty_page_ends_the_pass(monkeypatch):
    finish = orders._finish

    def early(outcome, page, sweep):
        answer = page.answer if page.records else evolve(page.answer, next_cursor=None)
        return finish(outcome, evolve(page, answer=answer), sweep)

    monkeypatch.setattr(orders, "_finish", early)


def schedule_switched_off(monkeypatch):
    """After its fourth failure in a row a stream is not due any more."""
    after_failure = step.after_failure

    def give_up(outcome, operation, error, rng):
        failed = after_failure(outcome, operation, error, rng)
        return failed if failed.failures < 4 else evolve(failed, next_due=outcome.now + timedelta(days=365))

    monkeypatch.setattr(step, "after_failure", give_up)


def waits_of_160_seconds(monkeypatch):
    """Whatever the operation's own period is."""
    wait = timedelta(seconds=160)
    monkeypatch.setattr(policy, "_pause", lambda error, attempt, terms, draw, waits: wait)
    monkeypatch.setattr(Waits, "after_failure", lambda self, failures, period, draw: wait * (self.first / WAITS.first))


# A channel in trouble


def waves_never_seen(monkeypatch):
    """Each account that is refused has trouble of its own."""
    monkeypatch.setattr(applications, "_in_a_row", lambda outcome: [])


def waves_never_rest(monkeypatch):
    """A wave is told, and every account calls on."""
    monkeypatch.setattr(applications, "barred_until", lambda tx, runtime, now: None)


def applications_have_one_account(monkeypatch):
    monkeypatch.setattr(applications, "_shares", lambda runtime: False)


def breakers_never_open(monkeypatch):
    monkeypatch.setattr(Circuit, "failed", lambda circuit, now, pause, opens_after=3: circuit)


def refused_cursor_asked_for_ever(monkeypatch):
    monkeypatch.setattr(orders, "FAILING_AFTER", 10**6)


def all_data_or_none(monkeypatch):
    """A refusal is a refusal, whatever was asked for."""
    monkeypatch.setattr(connector, "refused_data", lambda refused, without: None)


def withheld_for_ever(monkeypatch):
    monkeypatch.setattr(data_sets, "PROBE_EVERY", timedelta(days=365))


def nothing_is_filled_in(monkeypatch):
    """Data that comes back is read for new orders only."""
    monkeypatch.setattr(streams.SqliteStreams, "read_again", lambda shelf, account, start, end, now: None)


def one_place_for_every_page_token(monkeypatch):
    """Wherever Amazon puts it."""

    def token(page, paging):
        found = page.get("nextToken") if isinstance(page, dict) else None
        return found if isinstance(found, str) else ""

    monkeypatch.setattr(selling_partner, "_token", token)


def next_page_repeats_everything(monkeypatch):
    build_next = selling_partner.build_next

    def repeating(operation, paging, parameters, body, token):
        return build_next(operation, evolve(paging, others="repeat"), parameters, body, token)

    monkeypatch.setattr(selling_partner, "build_next", repeating)


def next_page_changes_nothing(monkeypatch):
    build_next = selling_partner.build_next

    def unchanged(operation, paging, parameters, body, token):
        return build_next(operation, evolve(paging, set={}), parameters, body, token)

    monkeypatch.setattr(selling_partner, "build_next", unchanged)


# Orders


def known_order_skipped(monkeypatch):
    """Inserted once, never again."""
    monkeypatch.setattr(intake, "_is_news", lambda source, record, known: known.get(record.value.external_id) is None)


def only_newer_than_all_before(monkeypatch):
    """One running maximum decides over the records of every order."""
    newest = [datetime.min.replace(tzinfo=UTC)]

    def is_news(source, record, known):
        newer = record.value.changed_at > newest[0]
        newest[0] = max(newest[0], record.value.changed_at)
        return newer

    monkeypatch.setattr(intake, "_is_news", is_news)


def pending_order_holds_nothing(monkeypatch):
    open_units = Order.open_units

    def without_pending(self, line):
        return 0 if self.status is OrderStatus.PENDING else open_units(self, line)

    monkeypatch.setattr(Order, "open_units", without_pending)


def cancelled_order_holds_on(monkeypatch):
    monkeypatch.setattr(Order, "open_units", lambda self, line: line.ordered - line.shipped)


def import_done_whatever_it_refused(monkeypatch):
    """What was imported once is never imported again, though some of its lines were refused."""

    def before(tx, delivery):
        return tx.imports.of_reference(delivery.reference)

    monkeypatch.setattr(importing, "imported_before", before)


def bad_record_stops_its_page(monkeypatch):
    """The mapper's error is nobody's."""

    def map_all(reader, kind, page):
        return [records.Mapped(str(record), b"{}", reader._channel.maps[kind](record)) for record in page]

    monkeypatch.setattr(Reader, "read", map_all)


def net_with_tax(monkeypatch):
    """A line's net is its gross less the discount; the tax stays in."""
    monkeypatch.setattr(OrderLine, "net", property(lambda self: self.gross - self.discount))


def line_total_taken_for_the_price_of_a_unit(monkeypatch):
    parts = order._parts

    def multiplied(told, currency):
        lines = tuple(line for line in told.lines for _ in range(line.ordered))
        return parts(evolve(told, lines=lines), currency)

    monkeypatch.setattr(order, "_parts", multiplied)


def total_never_compared(monkeypatch):
    monkeypatch.setattr(order, "_parts", lambda told, currency: told.total)


def orders_of_the_contract_have_no_discount(monkeypatch):
    monkeypatch.setattr(mapping, "PARTS", mapping.PARTS[2:])


def naive_instant_taken_for_utc(monkeypatch):
    def assume(instant):
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

    monkeypatch.setattr(utc, "__code__", assume.__code__)  # attrs classes hold the function itself


# Schema drift


def unknown_field_fails_its_record(monkeypatch):
    """What the documentation does not name is an error."""
    read = Reader.read

    def strict(reader, kind, page):
        known = {path.partition(".")[0].removesuffix("[]") for path in reader._channel.documented[kind]}
        mapped = zip(page, read(reader, kind, page), strict=True)
        return [evolve(one, value=None, reason="?") if record.keys() - known else one for record, one in mapped]

    monkeypatch.setattr(Reader, "read", strict)


def fields_never_compared(monkeypatch):
    monkeypatch.setattr(SchemaDrift, "note", lambda drift, kind, page: None)


# HTTP


def every_status_is_a_success(monkeypatch):
    monkeypatch.setattr(Answer, "succeeded", property(lambda self: True))


def no_timeouts(monkeypatch):
    monkeypatch.setattr(client, "TIMEOUTS", httpx.Timeout(None).as_dict())


def accounts_share_a_token(monkeypatch):
    own = tokens.TokenSource._current
    shared = {}

    async def current(self, refused=None):
        loop = asyncio.get_running_loop()
        return shared.setdefault(loop, await own(self, refused))

    monkeypatch.setattr(tokens.TokenSource, "_current", current)


def a_token_is_kept_whatever_the_channel_says(monkeypatch):
    monkeypatch.setattr(sharing, "MARGIN", timedelta(days=-10))
    monkeypatch.setattr(port.HttpPort, "_may_be_outdated", lambda self, answer: False)


def everybody_asks_for_a_token(monkeypatch):
    """Nobody waits for whoever asks."""
    monkeypatch.setattr(sharing, "LEASE", timedelta(0))


def a_refused_token_is_renewed_by_each(monkeypatch):
    """Whoever sees the refusal takes the present token for the refused one."""
    own = token_cache.decide

    def decide(grant, slot, asker, now, refused=None):
        return own(grant, slot, asker, now, slot.token if refused else None)

    monkeypatch.setattr(token_cache, "decide", decide)


def a_new_token_clears_the_cache(monkeypatch):
    own = token_cache.StoreTokenCache._put

    def put(self, tx, grant, place):
        for row in tx.vault.all() if place.slot.token else ():
            tx.vault.forget(row.account, row.name)
        own(self, tx, grant, place)

    monkeypatch.setattr(token_cache.StoreTokenCache, "_put", put)
    monkeypatch.setattr(tokens, "LOOK", timedelta(0))


# Tests


def suite_may_go_anywhere(monkeypatch):
    monkeypatch.setattr(offline, "is_here", lambda host: True)


def suite_sees_credentials(monkeypatch):
    monkeypatch.setattr(offline, "credentials", lambda names: [])


# Simulators


def simulator_only_says_that_it_ships(monkeypatch):
    monkeypatch.setattr(shipments, "confirm", lambda market, order, package: None)


def simulator_never_refuses(monkeypatch):
    monkeypatch.setattr(Throttle, "take", lambda throttle, limit: None)


def simulator_by_lot(monkeypatch):
    """Chance of its own, beside the seed."""
    own = random.Random()
    monkeypatch.setattr(Account, "wait", lambda account, span: timedelta(seconds=own.uniform(*span)))


# Accounts


def one_refused_account_parks_them_all(monkeypatch):
    mine = "id = :id AND "
    assert mine in accounts.SQL.park
    monkeypatch.setattr(accounts.SQL, "park", accounts.SQL.park.replace(mine, ""))


def failures_are_waited_out_in_line(monkeypatch):
    """One loop over all accounts, and a sleep before each new try."""
    locks = {}

    async def in_line(worker, stream):
        async with locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            await whole_step(worker, stream)
            after = await worker.store.read(lambda tx: tx.streams.find(stream.id))
            if after.failures:
                await asyncio.sleep((after.next_due - worker.clock.now()).total_seconds())

    whole_step = step.step
    monkeypatch.setattr(daemon, "step", in_line)


# Credentials


def ages_told_once_it_is_too_late(monkeypatch):
    monkeypatch.setattr(ages, "WARNED", timedelta())


def secret_as_old_as_its_process(monkeypatch):
    """What was seen before a restart is forgotten, or was never noted."""

    async def now(credentials):
        return credentials.clock.now()

    monkeypatch.setattr(ages.Credentials, "_secret_since", now)


def every_secret_as_old_as_the_first(monkeypatch):
    """It is noted when a secret was first seen, and not which."""

    async def first_seen(credentials):
        kept = await credentials.vault.get(ages.SECRET_SEEN)
        if kept is None:
            return await since(credentials)
        return datetime.fromisoformat(kept.reveal().partition(" ")[2])

    since = ages.Credentials._secret_since
    monkeypatch.setattr(ages.Credentials, "_secret_since", first_seen)


def warnings_of_a_check_told_nobody(monkeypatch):
    monkeypatch.setattr(health, "_tell_warnings", lambda outcome, report: None)


def present_secret_only(monkeypatch):
    """What plugins.toml names is right."""

    async def present(overlap, work):
        return await work(overlap._present)

    monkeypatch.setattr(overlap.SecretOverlap, "_by_either", present)


def previous_secret_for_ever(monkeypatch):
    """Once it did, it is never left again."""

    async def remembered(either, work):
        return await (work(either._previous) if either.uses_previous else first(either, work))

    first = overlap.SecretOverlap._by_present_first
    monkeypatch.setattr(overlap.SecretOverlap, "_by_either", remembered)


# Plugins


def import_fails_in_silence(monkeypatch):
    """A plugin that cannot be imported is passed over."""

    def passing_over(offer, path):
        plugin, _ = import_plugin(offer, path)
        return plugin, []

    monkeypatch.setattr(sys.modules["entrepot.plugins.load"], "import_plugin", passing_over)


def absent_plugin_is_not_listed(monkeypatch):
    """What is enabled and nobody brings is left out."""
    monkeypatch.setattr(_Loading, "miss", lambda loading, name, installed: None)


# Publishing


def attempt_after_the_call(monkeypatch):
    """A crash after the call leaves no trace of the write."""

    def plan(turn):
        planned = plan_push(turn)
        if not isinstance(planned, Plan):
            return planned

        def finish(outcome, report):
            planned.note(outcome.tx)
            return planned.finish(outcome, report)

        return evolve(planned, note=nothing, finish=finish, fail=lambda outcome, _: outcome.stream)

    monkeypatch.setitem(step.WORK, StreamKind.PUSH, plan)


def raise_on_a_mere_mismatch(monkeypatch):
    """What is too low is sent again at once: a sale that is not listed yet is put on sale again."""

    def rash(observed, desired, shown, sold, *, orders_complete):
        if desired is not None and observed > desired:
            return Verdict.TOO_HIGH
        return Verdict.EFFECTIVE if observed >= shown - sold else Verdict.DRIFTED

    pushable = "desired_version > sent_version AND "
    monkeypatch.setattr(observing, "judge", rash)
    monkeypatch.setattr(wishes, "_slipped", lambda offer: False)
    assert pushable in offers.SQL.to_push
    monkeypatch.setattr(offers.SQL, "to_push", offers.SQL.to_push.replace(pushable, ""))


def stock_sent_whoever_fulfills(monkeypatch):
    ours = "fulfillment = 'merchant' AND "
    assert ours in offers.SQL.to_push
    monkeypatch.setattr(offers.SQL, "to_push", offers.SQL.to_push.replace(ours, ""))


# The configuration


def rules_by_store_are_taken(monkeypatch):
    """A rule for one store is one of the account."""
    monkeypatch.setattr(rules, "refuse_marketplace", lambda table, accounts: table.read("marketplace", str, None))


def accounts_divide_a_pool(monkeypatch):
    build = sys.modules["entrepot.config.build"]  # the package has a function of that name
    monkeypatch.setattr(build, "refuse_divided_pools", lambda accounts, table: None)


# The first day


def doctor_never_asks_elsewhere(monkeypatch):
    """A 403 is a 403."""
    monkeypatch.setattr(refused, "_elsewhere", lambda account: [])


def attempts_forgotten(monkeypatch):
    monkeypatch.setattr(offers.SqliteOffers, "attempts_of", lambda shelf, account, offer, limit=10: [])


def why_says_all_is_well(monkeypatch):
    monkeypatch.setattr(next_step, "_waits", lambda told, now: iter(()))


def days_of_utc(monkeypatch):
    """A day begins at midnight in Greenwich."""

    def day(instant, time_zone):
        return utc(instant).date()

    monkeypatch.setattr(business_date, "__code__", day.__code__)  # modules hold the function itself


# Amazon's documents, and what Amazon removes


def text_sent_as_latin_1(monkeypatch):
    """Whatever charset is declared."""
    monkeypatch.setattr(content, "_encoded", lambda text, charset: text.encode("latin-1", "replace"))


def xml_of_a_storage_is_not_read(monkeypatch):
    monkeypatch.setattr(storage, "_said", lambda name, text: "")


def expired_link_is_a_missing_permission(monkeypatch):
    monkeypatch.setattr(storage, "EXPIRED", re.compile("(?!)"))


def default_names_what_is_removed(monkeypatch):
    name = "listCatalogCategories"
    monkeypatch.setitem(catalog._data()["defaults"], name, f"catalogItemsV0.{name}")


def ends_are_not_told(monkeypatch):
    monkeypatch.setattr(retirement, "NOTICE", timedelta(days=-100_000))


def removed_types_are_sent(monkeypatch):
    monkeypatch.setattr(retirement, "_refuse_what_is_gone", lambda wanted, today: None)


# Quota


def tokens_never_run_out(monkeypatch):
    """Whoever asks may send."""

    def granted(level, limit, units, now, *_, **__):
        return Granted(level or Level(1.0, now))

    async def at_once(tokens, amount):
        pass

    monkeypatch.setattr(shared, "reserve", granted)
    monkeypatch.setattr(memory_bucket.MemoryBucket, "delay", lambda bucket, units: 0.0)
    monkeypatch.setattr(memory_bucket.Tokens, "acquire", at_once)


def refusals_teach_nothing(monkeypatch):
    """After a 429 the rate is the documented one, as before."""
    monkeypatch.setattr(learning, "CUT", 1.0)


def told_rates_are_not_read(monkeypatch):
    """The table of the documentation is believed for good."""
    monkeypatch.setattr(learning, "told", lambda level, limit, rate: level)


def any_rate_is_believed(monkeypatch):
    """Whatever stands in the header is the rate from now on."""
    monkeypatch.setattr(learning, "told", lambda level, limit, rate: evolve(level, told=rate))


def rates_of_every_answer_are_believed(monkeypatch):
    """A refusal's header is read as a success's."""
    monkeypatch.setattr(refusal, "TELLING", frozenset(range(300, 600)))


def all_accounts_share_a_bucket(monkeypatch):
    """The bucket of an operation has no account."""

    def of_nobody(name, limit, account, application):
        return buckets_of(name, limit, "", application)

    monkeypatch.setattr(shared, "buckets_of", of_nobody)


def token_is_looked_at_and_then_taken(monkeypatch):
    """No lock is held between: whoever looks at the same moment sees the same token."""

    async def without_a_transaction(store, work):
        return work(store._tx)

    def looked(quota, *bucket):
        level = look(quota, *bucket)
        time.sleep(0.001)  # noqa: TID251 - real threads: the others look, too
        return level

    look = SqliteQuota.level
    monkeypatch.setattr(SqliteQuota, "level", looked)
    monkeypatch.setattr(SqliteStore, "write", without_a_transaction)


def requests_are_not_counted(monkeypatch):
    """Only calls are, whatever they cost."""

    def without(quota, account, operation, day, *, gets=0, **numbers):
        count(quota, account, operation, day, **numbers)

    count = SqliteQuota.count
    monkeypatch.setattr(SqliteQuota, "count", without)


def budget_stops_everything(monkeypatch):
    """At the end of the month's requests nothing is called any more, orders included."""
    monkeypatch.setattr(budget, "Priority", SimpleNamespace(SWEEP=Priority.URGENT_STOCK))


def budget_stops_nothing(monkeypatch):
    """It is told, and that is all."""
    monkeypatch.setattr(budget, "Priority", SimpleNamespace(SWEEP=1 + max(Priority)))
