"""Writes the catalog of Amazon's operations from Amazon's models.

    python connectors/amazon_sp/scripts/derive_catalog.py FOLDER

FOLDER holds the OpenAPI 2 models as Amazon publishes them, one JSON file for each API and version. What they do not
state comes from `catalog_facts.toml` beside this script.
"""

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog_paging import fields, paging, success_schemas

HERE = Path(__file__).parent
FILE = HERE.parent / "src" / "entrepot_amazon_sp" / "data" / "catalog.json"
FACTS = HERE / "catalog_facts.toml"

METHODS = {"get", "put", "post", "delete", "patch"}
PLAN = re.compile(r"\|\s*([\d.]+)\s*\|\s*([\d.]+)\s*\|")
ASSUMED = (0.5, 1)
"""Requests per second and burst where a model states none: 70 operations."""

SHORT = 12
"""An enumeration of more values is left out."""

Entry = dict[str, Any]


def operations(folder: Path) -> Iterator[tuple[str, Entry]]:
    """Id and entry, without the facts. An id that a model uses twice bears the method the second time."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        model = json.loads(path.read_text("utf-8"))
        for url, item in model["paths"].items():
            for method in (name for name in item if name in METHODS):
                key = f"{path.stem}.{item[method]['operationId']}"
                key = f"{key}_{method.upper()}" if key in seen else key
                seen.add(key)
                yield key, entry(model, url, method, item)


def entry(model: Any, url: str, method: str, item: Any) -> Entry:
    operation = item[method]
    both = [*item.get("parameters", []), *operation.get("parameters", [])]
    declared = list({(each["in"], each["name"]): each for each in both}.values())
    plan = PLAN.search(operation["description"])
    rate, burst = (float(plan[1]), int(float(plan[2]))) if plan else ASSUMED
    sandbox_only = "x-amzn-api-sandbox-only" in operation or "x-amzn-api-sandbox-only" in item
    found = {
        "method": method.upper(),
        "path": model.get("basePath", "").rstrip("/") + url,
        "parameters": [parameter(each) for each in declared if each["in"] != "body"],
        "body": next((body(model, each) for each in declared if each["in"] == "body"), None),
        "rate": rate,
        "burst": burst,
        "rate_source": "model" if plan else "assumed",
        "answer": wrapper(model, operation),
        "paging": paging(model, operation, declared),
        "sandbox_only": sandbox_only or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def parameter(declared: Any) -> Entry:
    """`array` is how several values are written: `csv` in one, or `multi`, the name repeated."""
    values = declared.get("enum") or declared.get("items", {}).get("enum") or []
    several = declared["type"] == "array" or "collectionFormat" in declared
    found = {
        "name": declared["name"],
        "in": declared["in"],
        "type": declared["type"],
        "required": declared.get("required") or None,
        "enum": values if 0 < len(values) <= SHORT else None,
        "array": declared.get("collectionFormat", "csv") if several else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def body(model: Any, declared: Any) -> Entry:
    """`fields` are those of its top level."""
    return {"required": bool(declared.get("required")), "fields": sorted(fields(model, declared["schema"]))}


def wrapper(model: Any, operation: Any) -> str:
    schemas = success_schemas(operation)
    if not schemas:
        return "none"
    return "payload" if any("payload" in fields(model, schema) for schema in schemas) else "direct"


def add_facts(catalog: dict[str, Entry], facts: Any) -> None:
    """Raises KeyError for an id that no model has."""
    for each in catalog.values():
        each["effect"] = {"GET": "read", "PUT": "idempotent", "DELETE": "idempotent"}.get(each["method"], "unknown")
    for effect, keys in facts["effects"].items():
        for key in keys:
            catalog[key]["effect"] = effect
    for key in facts["restricted"]:
        catalog[key]["restricted"] = True
    for key, elements in facts["data_elements"].items():
        catalog[key]["data_elements"] = elements
    for scope, keys in facts["grantless"].items():
        for key in keys:
            catalog[key]["grantless"] = scope
    for key, row in rows(facts["application"]):
        catalog[key]["application"] = row["buckets"]
    for key, row in rows(facts["retired"]):
        catalog[key] |= {name: str(value) for name, value in row.items() if name != "operations"}


def rows(table: list[Any]) -> Iterator[tuple[str, Any]]:
    """Each operation with the row that names it."""
    return ((key, row) for row in table for key in row["operations"])


def types(rows: list[Entry]) -> dict[str, Entry]:
    """What is known of each type of feeds or reports."""
    found: dict[str, Entry] = {}
    for row in rows:
        known = {name: str(value) if name == "removed" else value for name, value in row.items() if name != "names"}
        for name in row["names"]:
            found[name] = found.get(name, {}) | known
    return dict(sorted(found.items()))


def derive(folder: Path, facts: Any) -> str:
    """The text of the data file: an operation on each line."""
    catalog = dict(sorted(operations(folder)))
    add_facts(catalog, facts)
    defaults = {key.split(".")[1]: key for key in facts["defaults"] if catalog[key]}
    lines = ",\n".join(f"{json.dumps(key)}:{compact(each)}" for key, each in catalog.items())
    documents = "".join(f'"{kind}":{compact(types(facts[kind]))},\n' for kind in ("feed_types", "report_types"))
    return f'{{"defaults":{compact(defaults)},\n{documents}"operations":{{\n{lines}\n}}}}\n'


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def counts(catalog: Any) -> Iterator[str]:
    entries = catalog["operations"].values()
    yield f"{len(entries)} operations of {len({key.split('.')[0] for key in catalog['operations']})} models"
    for name in ("method", "effect", "answer", "rate_source"):
        told = Counter(each[name] for each in entries)
        yield f"{name}: " + ", ".join(f"{value} {count}" for value, count in told.most_common())
    for name in ("body", "paging", "restricted", "grantless", "sandbox_only", "removed", "application"):
        yield f"{name}: {sum(name in each for each in entries)}"
    for name in ("defaults", "feed_types", "report_types"):
        yield f"{name}: {len(catalog[name])}"


if __name__ == "__main__":
    text = derive(Path(sys.argv[1]), tomllib.loads(FACTS.read_text("utf-8")))
    FILE.write_text(text, "utf-8")
    sys.stdout.write("\n".join(counts(json.loads(text))) + "\n")
