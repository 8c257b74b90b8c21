"""The catalog: a CSV file of the merchant's own articles, `sku,title` and perhaps `group`, with , or ; or tabs."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from entrepot.config.model import Article
from entrepot.errors import Fault
from entrepot.model import Sku

_REQUIRED = ["sku", "title"]
_COLUMNS = {*_REQUIRED, "group"}


def read_catalog(path: Path, faults: list[Fault]) -> Mapping[Sku, Article]:
    """Every usable line; the others are noted with their number, counted as editors count."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file.readline())
            file.seek(0)
            return _articles(csv.DictReader(file, strict=True, delimiter=delimiter), path.name, faults)
    except OSError as error:
        message = f"the catalog cannot be read: {error.strerror}"
        faults.append(Fault("E109", path.name, message, "create it, or correct `catalog` in [skus]"))
    except UnicodeDecodeError as error:
        faults.append(Fault("E109", path.name, f"not UTF-8: {error.reason}", "save it as UTF-8"))
    return {}


def _delimiter(first_line: str) -> str:
    """Spreadsheets of some countries save semicolons, others tabs: the one under which the columns are named."""
    for delimiter in ",;\t":
        if set(_REQUIRED) <= {name.strip('"') for name in first_line.strip().split(delimiter)}:
            return delimiter
    return ","


def _articles(rows: "csv.DictReader[str]", name: str, faults: list[Fault]) -> Mapping[Sku, Article]:
    columns = list(rows.fieldnames or [])
    if not set(_REQUIRED) <= set(columns) <= _COLUMNS or len(set(columns)) < len(columns):
        message = f"the first line is {','.join(columns)[:60]!r}"
        faults.append(Fault("E109", f"{name}: line 1", message, "write sku,title or sku,title,group"))
        return {}
    articles: dict[Sku, Article] = {}
    lines: dict[Sku, int] = {}
    for line, row in _rows(rows, name, faults):
        sku = Sku(row["sku"].strip())
        wrong = _wrong(sku, lines)
        if wrong:
            faults.append(Fault("E109", f"{name}: line {line}", *wrong))
            continue
        lines[sku] = line
        articles[sku] = Article(sku, row["title"].strip(), row.get("group", "").strip())
    return articles


def _rows(rows: "csv.DictReader[str]", name: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for row in rows:
            # A short line has None for a value, a long one None for a key.
            if None in row or None in row.values():
                message = f"expected {len(rows.fieldnames or [])} columns"
                action = "put a value with a comma in quotes"
                faults.append(Fault("E109", f"{name}: line {rows.line_num}", message, action))
            else:
                yield rows.line_num, row
    except csv.Error as error:
        faults.append(Fault("E109", f"{name}: line {rows.reader.line_num}", f"not CSV: {error}", "correct the quotes"))


def _wrong(sku: Sku, lines: Mapping[Sku, int]) -> tuple[str, str] | None:
    if not sku:
        return "the SKU is empty", "fill it in, or delete the line"
    if sku in lines:
        return f"SKU {sku!r} stands on line {lines[sku]} already", "delete one of the two"
    return None
