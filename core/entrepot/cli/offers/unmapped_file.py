"""The file of unmapped offers: written to be filled in, and read again."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from entrepot.cli.exits import Refused
from entrepot.model import AccountId
from entrepot.store import Tx

LATELY = timedelta(days=30)

FUTURE = timedelta(days=1)
"""A channel's clock may be ahead of ours."""

COLUMNS = ("account", "offer", "sold_30_days", "orders_waiting", "sku")
NEEDED = {"account", "offer", "sku"}
"""In a file that plugins.toml names at an account, that account needs no column."""


@frozen
class Unmapped:
    """`sold`: units ordered lately, by channel time. `waiting`: orders that are held up."""

    account: AccountId
    offer: str
    sold: int
    waiting: int


@frozen
class Line:
    """A line that was filled in. `where`: its file, and its number as editors count."""

    where: str
    account: str
    offer: str
    parts: tuple[str, ...]


def unmapped(tx: Tx, accounts: Collection[AccountId], now: datetime) -> dict[AccountId, list[Unmapped]]:
    """Most sold first, then those for which most orders wait."""
    waiting: dict[AccountId, dict[str, int]] = {account: {} for account in accounts}
    for account, offer, orders in tx.orders.unmapped_offers():
        if account in waiting:
            waiting[account][offer] = orders
    return {account: _of_account(tx, account, waiting[account], now) for account in accounts}


def _of_account(tx: Tx, account: AccountId, waiting: Mapping[str, int], now: datetime) -> list[Unmapped]:
    names = {row.external_id for row in tx.offers.all(account) if row.bundle_version is None} | waiting.keys()
    found = [
        Unmapped(account, name, tx.orders.sold(account, name, now - LATELY, now + FUTURE), waiting.get(name, 0))
        for name in names
    ]
    return sorted(found, key=lambda one: (-one.sold, -one.waiting, one.offer))


def write(path: Path, rows: Sequence[Unmapped]) -> None:
    """What a person has filled in already stays filled in. Raises Refused for a file that is another one's."""
    filled = {(line.account, line.offer): ";".join(line.parts) for line in read(path)} if path.exists() else {}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        sku = filled.get((row.account, row.offer), "")
        writer.writerow((row.account, row.offer, row.sold, row.waiting, sku))
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text.getvalue(), "utf-8", newline="")
    unfinished.replace(path)


def read(path: Path, account: str = "") -> list[Line]:
    """The filled lines; of `account`, where it is named. Raises Refused for a file that is none of these."""
    try:
        return list(_lines(path, account))
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{path} cannot be read: {error}. Next: save it as CSV in UTF-8") from error


def _lines(path: Path, account: str) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True, delimiter=_delimiter(path))
        absent = NEEDED - set(rows.fieldnames or ()) - ({"account"} if account else set())
        if absent:
            missing = ", ".join(sorted(absent))
            raise Refused(f"{path}: its first line lacks {missing}. Next: entrepot offers match writes such a file")
        for row in rows:
            parts = tuple(part.strip() for part in (row["sku"] or "").split(";") if part.strip())
            if parts:
                owner = account or (row["account"] or "").strip()
                yield Line(f"{path.name} line {rows.line_num}", owner, row["offer"] or "", parts)


def _delimiter(path: Path) -> str:
    """Spreadsheets of some countries save a semicolon; then several SKUs in one cell are in quotes."""
    head = path.read_text("utf-8-sig").partition("\n")[0]
    return ";" if ";" in head and "," not in head else ","
