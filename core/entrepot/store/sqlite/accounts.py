"""Accounts and the catalog, as plugins.toml last said."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from entrepot.model import DEFAULT_LOCATION, AccountId, LocationId, Publish, Sku
from entrepot.store.records import AccountRow, Withheld
from entrepot.store.sqlite.codec import (
    dump_json,
    dump_rules,
    instant,
    optional_instant,
    parse_bundles,
    parse_json,
    parse_optional,
    parse_rules,
)
from entrepot.store.sqlite.statements import statements

SQL = statements("accounts")


class SqliteAccounts:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(self, account: AccountRow) -> None:
        values = {"id": account.id, "channel": account.channel, "publish": account.publish}
        stated = {"rules": dump_rules(account.rules), "bundles": dump_json(dict(account.bundles))}
        self._db.execute(SQL.save, values | stated)

    def detach_others(self, configured: Iterable[AccountId], now: datetime) -> None:
        self._db.execute(SQL.detach_others, {"ids": dump_json(list(configured)), "now": instant(now)})

    def find(self, account: AccountId) -> AccountRow | None:
        row = self._db.execute(SQL.find, {"id": account}).fetchone()
        return None if row is None else _account(row)

    def all(self) -> list[AccountRow]:
        return [_account(row) for row in self._db.execute(SQL.all)]

    def park(self, account: AccountId, now: datetime) -> bool:
        return self._db.execute(SQL.park, {"id": account, "now": instant(now)}).rowcount > 0

    def resume(self, account: AccountId) -> bool:
        return self._db.execute(SQL.resume, {"id": account}).rowcount > 0

    def pause(self, account: AccountId, now: datetime) -> bool:
        return self._db.execute(SQL.pause, {"id": account, "now": instant(now)}).rowcount > 0

    def end_pause(self, account: AccountId) -> bool:
        return self._db.execute(SQL.end_pause, {"id": account}).rowcount > 0

    def set_clock_offset(self, account: AccountId, seconds: float) -> None:
        self._db.execute(SQL.set_clock_offset, {"id": account, "seconds": seconds})

    def describe(self, account: AccountId, description: str) -> None:
        self._db.execute(SQL.describe, {"id": account, "description": description})

    def withhold(self, account: AccountId, withheld: Withheld) -> None:
        values = {
            "asked_without": withheld.asked_without,
            "missing": withheld.missing,
            "since": optional_instant(withheld.since),
            "probe_at": optional_instant(withheld.probe_at),
            "why": withheld.why,
        }
        self._db.execute(SQL.withhold, {"id": account, "withheld": dump_json(values)})

    def save_articles(self, articles: Iterable[tuple[Sku, str, str]]) -> None:
        self._db.executemany(
            SQL.save_article, ({"sku": sku, "title": title, "group": group} for sku, title, group in articles)
        )

    def articles(self) -> list[tuple[Sku, str, str]]:
        return [(Sku(row["sku"]), row["title"], row["article_group"]) for row in self._db.execute(SQL.articles)]

    def save_locations(self, own: Sequence[LocationId]) -> None:
        self._db.execute(SQL.forget_locations)
        self._db.executemany(SQL.save_location, ({"id": name, "place": place} for place, name in enumerate(own)))

    def locations(self) -> tuple[LocationId, ...]:
        return tuple(LocationId(row["id"]) for row in self._db.execute(SQL.locations)) or (DEFAULT_LOCATION,)

    def known_articles(self, skus: Iterable[str]) -> Mapping[Sku, str]:
        rows = self._db.execute(SQL.known_articles, {"skus": dump_json(list(skus))})
        return {Sku(row["sku"]): row["article_group"] for row in rows}


def _account(row: sqlite3.Row) -> AccountRow:
    return AccountRow(
        id=AccountId(row["id"]),
        channel=row["channel"],
        publish=Publish(row["publish"]),
        rules=parse_rules(row["rules"]),
        bundles=parse_bundles(row["bundles"]),
        detached_since=parse_optional(row["detached_since"]),
        paused_since=parse_optional(row["paused_since"]),
        parked_since=parse_optional(row["parked_since"]),
        clock_offset=row["clock_offset"],
        description=row["description"],
        withheld=_withheld(row["withheld"]),
    )


def _withheld(text: str) -> Withheld:
    values = parse_json(text)
    return Withheld(
        tuple(values.get("asked_without", ())),
        tuple(values.get("missing", ())),
        parse_optional(values.get("since")),
        parse_optional(values.get("probe_at")),
        values.get("why", ""),
    )
