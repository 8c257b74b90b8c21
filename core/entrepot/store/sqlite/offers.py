"""Offers with what is wished, sent, believed and proved, and the attempts that sent it."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from attrs import asdict, evolve

from entrepot.model import AccountId, Bundle, Fulfillment, Publish, Sku
from entrepot.store.records import Attempt, AttemptItem, Excess, OfferRow
from entrepot.store.sqlite.codec import dump_json, instant, optional_instant, parse_instant, parse_json, parse_optional
from entrepot.store.sqlite.statements import statements

SQL = statements("offers")


class SqliteOffers:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def find(self, account: AccountId, offer: str) -> OfferRow | None:
        row = self._db.execute(SQL.find, _key(account, offer)).fetchone()
        return None if row is None else _offer(row)

    def all(self, account: AccountId | None = None) -> list[OfferRow]:
        return [_offer(row) for row in self._db.execute(SQL.all, {"account": account})]

    def unequal(self) -> Mapping[AccountId, int]:
        return {AccountId(row["account"]): row["offers"] for row in self._db.execute(SQL.unequal)}

    def see(self, account: AccountId, offer: str, fulfillment: Fulfillment, quantity: int, at: datetime) -> None:
        values = {"fulfillment": fulfillment, "quantity": quantity, "at": instant(at)}
        self._db.execute(SQL.see, _key(account, offer) | values)

    def map(self, account: AccountId, offer: str, bundle: Bundle) -> None:
        self._db.executemany(
            SQL.save_part,
            (
                {"account": account, "offer": offer, "sku": sku, "units": units, "version": bundle.version}
                for sku, units in bundle.parts.items()
            ),
        )
        self._db.execute(SQL.map, _key(account, offer) | {"version": bundle.version})

    def last_version(self, account: AccountId, offer: str) -> int | None:
        row = self._db.execute(SQL.last_version, _key(account, offer)).fetchone()
        return None if row["version"] is None else int(row["version"])

    def unmap(self, offer: OfferRow, at: datetime) -> None:
        self._db.execute(SQL.unmap, _key(offer.account, offer.external_id) | {"at": instant(at)})

    def forget(self, offer: OfferRow) -> None:
        for statement in (SQL.forget_parts, SQL.forget):
            self._db.execute(statement, _key(offer.account, offer.external_id))

    def bundle(self, account: AccountId, offer: str, version: int) -> Bundle:
        rows = self._db.execute(SQL.parts, {"account": account, "offer": offer, "version": version})
        return Bundle(version, {Sku(row["sku"]): row["units"] for row in rows})

    def bundles(self, account: AccountId, offers: Iterable[str]) -> Mapping[str, Bundle]:
        found = dict[str, Bundle]()
        rows = self._db.execute(SQL.bundles, {"account": account, "offers": dump_json(list(offers))})
        for offer, parts in groupby(rows, key=lambda row: row["external_id"]):
            lines = list(parts)
            found[offer] = Bundle(lines[0]["bundle_version"], {Sku(row["sku"]): row["units"] for row in lines})
        return found

    def of_skus(self, skus: Iterable[Sku]) -> list[OfferRow]:
        return [_offer(row) for row in self._db.execute(SQL.of_skus, {"skus": dump_json(list(skus))})]

    def allow(self, offer: OfferRow, publish: Publish) -> None:
        self._db.execute(SQL.allow, _key(offer.account, offer.external_id) | {"publish": publish})

    def wish(self, offer: OfferRow, quantity: int | None, at: datetime) -> None:
        values = {"quantity": quantity, "at": instant(at)}
        self._db.execute(SQL.wish, _key(offer.account, offer.external_id) | values)

    def sold(self, account: AccountId, sales: Iterable[tuple[str, int, datetime]], now: datetime) -> bool:
        rows = [(offer, units, instant(at)) for offer, units, at in sales]
        values = {"account": account, "sales": dump_json(rows)}
        self._db.execute(SQL.sold, values)
        return self._db.execute(SQL.perhaps_sold, values | {"now": instant(now)}).rowcount > 0

    def freed(self, account: AccountId, units: Iterable[tuple[str, int, datetime]], now: datetime) -> None:
        rows = [(offer, count, instant(at)) for offer, count, at in units]
        self._db.execute(SQL.freed, {"account": account, "freed": dump_json(rows), "now": instant(now)})

    def to_push(self, account: AccountId, known_until: datetime | None, limit: int) -> list[OfferRow]:
        values = {"account": account, "known_until": optional_instant(known_until), "limit": limit}
        return [_offer(row) for row in self._db.execute(SQL.to_push, values)]

    def accepted(
        self, attempt: Attempt, item: AttemptItem, since: datetime, at: datetime, verify_due: datetime
    ) -> None:
        values = {"quantity": item.quantity, "version": item.version, "attempt": attempt.id}
        times = {"since": instant(since), "at": instant(at), "verify_due": instant(verify_due)}
        self._db.execute(SQL.accepted, _key(attempt.account, item.offer) | values | times)

    def rejected(self, attempt: Attempt, item: AttemptItem) -> None:
        values = {"version": item.version, "attempt": attempt.id}
        self._db.execute(SQL.rejected, _key(attempt.account, item.offer) | values)

    def unknown(self, account: AccountId, item: AttemptItem, at: datetime, verify_due: datetime) -> None:
        values = {"quantity": item.quantity, "version": item.version}
        times = {"at": instant(at), "verify_due": instant(verify_due)}
        self._db.execute(SQL.unknown, _key(account, item.offer) | values | times)

    def release(self, account: AccountId, offer: str, attempt: str) -> None:
        self._db.execute(SQL.release, _key(account, offer) | {"attempt": attempt})

    def observe(
        self,
        offer: OfferRow,
        quantity: int,
        at: datetime,
        by: datetime,
        *,
        issues: Sequence[str],
        awaiting_pass: bool,
        verify_due: datetime | None,
    ) -> None:
        values = {"quantity": quantity, "at": instant(at), "by": instant(by), "issues": dump_json(list(issues))}
        waiting = {"awaiting": awaiting_pass, "verify_due": optional_instant(verify_due)}
        self._db.execute(SQL.observe, _key(offer.account, offer.external_id) | values | waiting)

    def show(self, offer: OfferRow, quantity: int, at: datetime, by: datetime, believed: int) -> None:
        values = {"quantity": quantity, "at": instant(at), "by": instant(by), "believed": believed}
        self._db.execute(SQL.show, _key(offer.account, offer.external_id) | values)

    def effective(self, offer: OfferRow, quantity: int, at: datetime) -> None:
        values = {"quantity": quantity, "version": offer.sent_version, "at": instant(at)}
        self._db.execute(SQL.effective, _key(offer.account, offer.external_id) | values)

    def awaiting(self, account: AccountId, until: datetime) -> list[OfferRow]:
        rows = self._db.execute(SQL.awaiting, {"account": account, "until": instant(until)})
        return [_offer(row) for row in rows]

    def to_verify(self, account: AccountId, now: datetime, limit: int) -> list[str]:
        rows = self._db.execute(SQL.to_verify, {"account": account, "now": instant(now), "limit": limit})
        return [row["external_id"] for row in rows]

    def exceed(self, excess: Excess) -> None:
        values = asdict(excess) | {"seen_at": instant(excess.seen_at), "shown_at": instant(excess.shown_at)}
        self._db.execute(SQL.exceed, values)

    def exceeding(self, account: AccountId, until: datetime) -> list[Excess]:
        rows = self._db.execute(SQL.exceeding, {"account": account, "until": instant(until)}).fetchall()
        return [_excess(row) for row in rows]

    def excess(self, account: AccountId, offer: str) -> Excess | None:
        row = self._db.execute(SQL.excess, _key(account, offer)).fetchone()
        return None if row is None else _excess(row)

    def next_verify(self, account: AccountId) -> datetime | None:
        return parse_optional(self._db.execute(SQL.next_verify, {"account": account}).fetchone()["at"])

    def candidates(self, account: AccountId, after: str, limit: int) -> list[str]:
        values = {"account": account, "after": after, "limit": limit}
        return [row["name"] for row in self._db.execute(SQL.candidates, values)]

    def verify(self, account: AccountId, offer: str, at: datetime | None) -> None:
        self._db.execute(SQL.verify, _key(account, offer) | {"at": optional_instant(at)})

    def save_attempt(self, attempt: Attempt) -> None:
        self._db.execute(
            SQL.save_attempt,
            {
                "id": attempt.id,
                "account": attempt.account,
                "operation": attempt.operation,
                "epoch": attempt.epoch,
                "created_at": instant(attempt.created_at),
                "deadline": instant(attempt.deadline),
                "content_hash": attempt.content_hash,
            },
        )
        for item in attempt.items:
            values = {"attempt": attempt.id, "offer": item.offer, "quantity": item.quantity, "version": item.version}
            basis = {"believed": item.believed, "wished_at": instant(item.wished_at)}
            self._db.execute(SQL.save_item, values | basis)
            named = {"attempt": attempt.id, "deadline": instant(attempt.deadline)}
            self._db.execute(SQL.name_attempt, _key(attempt.account, item.offer) | named)

    def run_attempt(self, attempt: str, ticket: str) -> None:
        self._db.execute(SQL.run_attempt, {"id": attempt, "ticket": ticket})

    def close_attempt(self, attempt: str, outcome: str, now: datetime) -> bool:
        values = {"id": attempt, "outcome": outcome, "now": instant(now)}
        return self._db.execute(SQL.close_attempt, values).rowcount > 0

    def save_result(self, attempt: str, offer: str, result: str) -> None:
        self._db.execute(SQL.save_result, {"attempt": attempt, "offer": offer, "result": result})

    def open_attempts(self, account: AccountId) -> list[Attempt]:
        rows = self._db.execute(SQL.open_attempts, {"account": account}).fetchall()
        return [evolve(_attempt(row), items=self._items(row["id"])) for row in rows]

    def attempts_of(self, account: AccountId, offer: str, limit: int = 10) -> list[tuple[Attempt, AttemptItem]]:
        rows = self._db.execute(SQL.attempts_of, {"account": account, "offer": offer, "limit": limit})
        return [(_attempt(row), _item(row)) for row in rows]

    def _items(self, attempt: str) -> tuple[AttemptItem, ...]:
        rows = self._db.execute(SQL.items, {"attempt": attempt})
        return tuple(_item(row) for row in rows)


def _excess(row: sqlite3.Row) -> Excess:
    return Excess(
        AccountId(row["account"]),
        row["offer"],
        row["seen"],
        parse_instant(row["seen_at"]),
        row["shown"],
        parse_instant(row["shown_at"]),
    )


def _key(account: AccountId, offer: str) -> dict[str, str | int | None]:
    return {"account": account, "external_id": offer}


def _offer(row: sqlite3.Row) -> OfferRow:
    return OfferRow(
        account=AccountId(row["account"]),
        external_id=row["external_id"],
        fulfillment=Fulfillment(row["fulfillment"]),
        bundle_version=row["bundle_version"],
        desired=row["desired"],
        desired_version=row["desired_version"],
        desired_at=parse_optional(row["desired_at"]),
        shown=row["shown"],
        shown_at=parse_instant(row["shown_at"]),
        shown_by=parse_instant(row["shown_by"]),
        believed=row["believed"],
        sent=row["sent"],
        sent_version=row["sent_version"],
        sent_at=parse_optional(row["sent_at"]),
        effective=row["effective"],
        effective_version=row["effective_version"],
        effective_at=parse_optional(row["effective_at"]),
        observed=row["observed"],
        observed_at=parse_optional(row["observed_at"]),
        observed_by=parse_optional(row["observed_by"]),
        awaiting_pass=bool(row["awaiting_pass"]),
        verify_due=parse_optional(row["verify_due"]),
        rejected_version=row["rejected_version"],
        attempt=row["attempt"],
        issues=tuple(parse_json(row["issues"])),
        publish=Publish(row["publish"]),
    )


def _item(row: sqlite3.Row) -> AttemptItem:
    return AttemptItem(
        offer=row["offer"],
        quantity=row["quantity"],
        version=row["version"],
        believed=row["believed"],
        wished_at=parse_instant(row["wished_at"]),
        result=row["result"],
    )


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        id=row["id"],
        account=AccountId(row["account"]),
        operation=row["operation"],
        epoch=row["epoch"],
        created_at=parse_instant(row["created_at"]),
        deadline=parse_instant(row["deadline"]),
        content_hash=row["content_hash"],
        state=row["state"],
        ticket=row["ticket"],
    )
