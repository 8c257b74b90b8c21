"""Amazon's model of the Orders API, read where it lies beside the repository, and orders as it allows them."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.amazon_sp.tests.orders import proceeds
from entrepot_amazon_sp.places import PLACES

MODEL = Path(__file__).parents[5] / "shared/spapi/models/orders_2026-01-01.json"

needs_model = pytest.mark.skipif(not MODEL.exists(), reason="Amazon's model of the Orders API is not at hand")

START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = st.integers(0, 3)
TEXTS = st.sampled_from(["", "a", "b7", "Straße 1", "商品", "\x00 \U0001f600", "x" * 40])
NEW_WORD = "A_WORD_OF_2027"


@cache
def model():
    return json.loads(MODEL.read_text("utf-8"))


def definition(schema):
    """What a schema stands for."""
    return model()["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def leaves(schema=None, path=""):
    """Paths of `Order` at which a value stands."""
    schema = definition(schema or {"$ref": "Order"})
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from leaves(inner, f"{path}.{name}".removeprefix("."))
    elif schema["type"] == "array":
        yield from leaves(schema["items"], path + "[]")
    else:
        yield path


def published_orders():
    """Orders in the answers that Amazon's static sandbox gives: (order id, order)."""
    for path in model()["paths"].values():
        for case in path["get"]["responses"]["200"]["x-amzn-api-sandbox"]["static"]:
            answer = case["response"]
            for order in answer.get("orders") or [answer["order"]]:
                yield order["orderId"], order


def words(schema):
    """Words that the model lists: as an enumeration, or in its prose."""
    _, _, prose = schema.get("description", "").partition("Possible value")
    return schema.get("enum") or re.findall(r"`([A-Z][A-Z_]+)`", prose)


def instants():
    moments = st.integers(0, 10**10).map(lambda ms: START + timedelta(milliseconds=ms))
    return st.builds(
        lambda moment, digits: moment.isoformat(timespec=digits).replace("+00:00", "Z"),
        moments,
        st.sampled_from(["seconds", "milliseconds"]),
    )


@cache
def money(currency):
    return st.integers(-300, 10**6).map(lambda units: proceeds.money(units, currency))


@cache
def named(name, currency, *, dense):
    """Documents of one of the model's definitions."""
    return money(currency) if name == "Money" else documents(model()["definitions"][name], currency, dense=dense)


def documents(schema, currency, *, dense):
    """What a schema allows. `dense` leaves nothing out and no list empty."""
    if "$ref" in schema:
        return named(schema["$ref"].rpartition("/")[2], currency, dense=dense)
    if "properties" in schema:
        fields = {name: documents(inner, currency, dense=dense) for name, inner in schema["properties"].items()}
        needed = fields.keys() if dense else set(schema.get("required", ()))
        return objects(fields, needed)
    if schema["type"] == "array":
        return st.lists(documents(schema["items"], currency, dense=dense), min_size=1 if dense else 0, max_size=2)
    return scalars(schema)


@st.composite
def objects(draw, fields, needed):
    """As `fixed_dictionaries`, with one draw for what is there: of a hundred optional fields, that is twice as fast."""
    optional = [name for name in fields if name not in needed]
    there = draw(st.integers(0, 2 ** len(optional) - 1))
    chosen = {name for place, name in enumerate(optional) if there >> place & 1}
    return {name: draw(inner) for name, inner in fields.items() if name in needed or name in chosen}


def scalars(schema):
    if schema["type"] == "integer":
        return NUMBERS
    if schema["type"] == "number":
        return st.decimals(0, 100, places=2)
    if schema.get("format") == "date-time":
        return instants()
    if schema.get("format") == "date":
        return st.just("2026-11-26")
    listed = words(schema)
    return st.sampled_from([*listed, NEW_WORD]) if listed else TEXTS


@st.composite
def orders(draw, place=None, *, dense=False):
    """Orders of a store, or of any, in its currency. Half of them add up; the others may contradict themselves."""
    place = place or draw(st.sampled_from([PLACES[code] for code in sorted(PLACES)]))
    order = draw(named("Order", place.currency, dense=dense))
    if "marketplaceId" in order["salesChannel"]:
        order["salesChannel"]["marketplaceId"] = place.id
    if draw(st.booleans()):
        make_sound(draw, order, place.currency)
    return order


def make_sound(draw, order, currency):
    on_top, items = draw(st.booleans()), order["orderItems"]
    sales = [draw(proceeds.sales()) for _ in items]
    for item, sale in zip(items, sales, strict=True):
        item["proceeds"] = sale.document(currency, on_top=on_top)
        fulfilled = draw(st.integers(0, item["quantityOrdered"]))
        unfulfilled = draw(st.integers(0, item["quantityOrdered"] - fulfilled))
        shares = {"quantityFulfilled": fulfilled, "quantityUnfulfilled": unfulfilled}
        item["fulfillment"] = item.get("fulfillment", {}) | shares
    total = sum(sale.total(on_top=on_top) for sale in sales)
    order["proceeds"] = draw(st.sampled_from([{}, {"grandTotal": proceeds.money(total, currency)}]))


def drawn(strategy, count):
    """So many examples, the same ones each time."""
    examples = []

    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(example):
        examples.append(example)

    draw()
    return examples
