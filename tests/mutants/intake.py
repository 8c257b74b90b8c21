"""Mutants of what is taken in and sent out: orders, schema drift, quantities.

Each swaps one function for a broken one, until the test ends.
"""

from datetime import UTC, datetime

from attrs import evolve

from entrepot.model import Order, OrderLine, OrderStatus, order, utc
from entrepot.stock.publishing import Verdict
from entrepot.store.records import StreamKind
from entrepot.store.sqlite import offers
from entrepot.sync import (
    importing,
    intake,
    observing,
    records,
    step,
    wishes,
)
from entrepot.sync.push import plan_push
from entrepot.sync.reading import Reader
from entrepot.sync.runtime import Plan, nothing
from entrepot.sync.schema_drift import SchemaDrift
from entrepot.testing.contract import mapping

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
