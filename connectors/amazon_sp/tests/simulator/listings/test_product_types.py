"""Product types: their schemas are Amazon's dialect, and listings are judged by the same ones."""

import asyncio
import base64
import hashlib
import json
from decimal import Decimal

import jsonschema_rs
import pytest
from hypothesis import given

from connectors.amazon_sp.tests.simulator.asking import DE, ITEMS, NL, US, ask, error
from connectors.amazon_sp.tests.simulator.listings.listing import EFFECT, PRICE, UNITS, WHOLE, put
from connectors.amazon_sp.tests.simulator.test_any_request import spoiled
from connectors.amazon_sp.tests.simulator.test_models import MODELS, faults
from entrepot_amazon_sp.places import PLACES
from entrepot_amazon_sp.simulator.listings.definitions import META_SCHEMA, REQUIRED, TYPES, schema_of
from entrepot_amazon_sp.simulator.listings.schema_issues import INFORMATIONAL, LIMITS, find_issues, find_missing

PATH = "/definitions/2020-09-01/productTypes"
STORES = (PLACES["DE"], PLACES["NL"])


def look(product_type="LUGGAGE", **query):
    async def read(seller):
        return await seller.get(f"{PATH}/{product_type}", **({"marketplaceIds": DE} | query))

    return ask(read)


def search(**query):
    return ask(lambda seller: seller.get(PATH, **({"marketplaceIds": DE} | query))).json()


def names(found):
    return [each["name"] for each in found["productTypes"]]


def test_search_finds_by_name_and_by_title_in_any_language():
    assert names(search()) == [*TYPES]
    assert names(search(keywords="trinkbecher,LUGG")) == ["DRINKING_CUP", "LUGGAGE"]
    assert names(search(keywords="submarine")) == []
    assert names(search(itemName="A red kettle")) == ["KETTLE"]
    assert names(search(itemName="Something")) == ["PRODUCT"]
    assert search(keywords="tea")["productTypes"][0] == {"name": "TEA", "displayName": "Tee", "marketplaceIds": [DE]}
    assert search(keywords="tea", locale="en_US")["productTypes"][0]["displayName"] == "Tea"


@pytest.mark.parametrize(
    "query",
    [
        {"keywords": "tea", "itemName": "Tea"},
        {"marketplaceIds": ""},
        {"marketplaceIds": "nowhere"},
        {"locale": "xx_XX"},
    ],
    ids=str,
)
def test_bad_searches(query):
    answer = ask(lambda seller: seller.get(PATH, **({"marketplaceIds": DE} | query)))
    assert (answer.status_code, error(answer)["code"]) == (400, "BAD_REQUEST")


def test_definition_links_to_its_schema_which_has_the_checksum():
    """FACTS 9: a presigned link, a checksum to cache by, and a schema of draft 2019-09 with Amazon's meta-schema."""

    async def read(seller):
        told = (await seller.get(f"{PATH}/LUGGAGE", marketplaceIds=DE)).json()
        again = (await seller.get(f"{PATH}/LUGGAGE", marketplaceIds=DE)).json()
        links = [told[part]["link"] for part in ("schema", "metaSchema")]
        return told, again, [await seller.store(link["verb"], link["resource"]) for link in links]

    told, again, (schema, meta) = ask(read)
    for document, part in ((schema, "schema"), (meta, "metaSchema")):
        digest = hashlib.md5(document.content, usedforsecurity=False).digest()
        assert told[part]["checksum"] == again[part]["checksum"] == base64.b64encode(digest).decode()
    assert schema.json()["$schema"] == meta.json()["$id"]
    assert schema.json()["properties"]["item_name"]["title"] == "Artikelname"
    assert (told["locale"], told["displayName"], told["requirements"]) == ("de_DE", "Reisegepäck", "LISTING")
    assert set(told["propertyGroups"]) == {"product_identity", "product_details", "offer"}


def test_requirements_decide_what_a_schema_has_and_enforces():
    def read(requirements, *, enforced=True):
        schema = schema_of("LUGGAGE", STORES, requirements, enforced=enforced)
        return set(schema["properties"]), schema["required"]

    everything, required = read("LISTING")
    product, of_product = read("LISTING_PRODUCT_ONLY")
    offer, of_offer = read("LISTING_OFFER_ONLY")
    assert product | offer == everything
    assert product & offer == {"merchant_suggested_asin"}
    assert "purchasable_offer" in offer - product
    assert (required, of_product, of_offer) == (
        ["condition_type", "item_name", "brand"],
        ["item_name", "brand"],
        ["condition_type"],
    )
    assert read("LISTING", enforced=False) == (everything, [])


@pytest.mark.parametrize(
    ("product_type", "query"),
    [
        ("SUBMARINE", {}),
        ("TEA", {"marketplaceIds": f"{DE},{NL}"}),
        ("TEA", {"requirements": "SOME"}),
        ("TEA", {"requirementsEnforced": "SOMEWHAT"}),
        ("TEA", {"productTypeVersion": "never"}),
        ("TEA", {"parentageLevel": "AUNT"}),
    ],
    ids=str,
)
def test_bad_requests_for_a_definition(product_type, query):
    answer = look(product_type, **query)
    assert (answer.status_code, error(answer)["code"]) == (400, "BAD_REQUEST")


def test_other_sellers_brands_are_none_of_ours():
    assert look(sellerId="A3OTHER").status_code == 403


@pytest.mark.skipif(not MODELS.exists(), reason="Amazon's models are not here (../shared/spapi/models)")
def test_answers_have_only_what_the_model_defines():
    model = "definitionsProductTypes_2020-09-01.json"
    assert faults(model, "ProductTypeList", search()) == []
    assert faults(model, "ProductTypeDefinition", look().json()) == []
    assert faults(model, "ErrorList", look("SUBMARINE").json()) == []


# What listings are judged by


@pytest.mark.parametrize("product_type", TYPES)
def test_every_schema_is_one_and_uses_no_keyword_that_nobody_checks(product_type):
    schema = schema_of(product_type, STORES, "LISTING", enforced=True)
    jsonschema_rs.meta.validate({name: value for name, value in schema.items() if name != "$schema"})
    checked = {*LIMITS, "type", "properties", "required", "additionalProperties", "items", "minItems", "maxUniqueItems"}
    assert keywords(schema["properties"]) <= checked | INFORMATIONAL | {"enum", "$ref"}
    assert set(META_SCHEMA["properties"]) >= {"selectors", "maxUniqueItems", "maxUtf8ByteLength", "enumNames"}


def keywords(members):
    found = set()
    for schema in members.values():
        found |= schema.keys() | keywords(schema.get("properties", {}))
        found |= keywords({"items": schema["items"]}) if "items" in schema else set()
    return found


OWN = {"maxUniqueItems", "minUniqueItems", "selectors", "maxUtf8ByteLength"}
GOOD = WHOLE | {
    "purchasable_offer": [PRICE],
    "fulfillment_availability": UNITS,
    "item_weight": [{"value": 2, "unit": "grams", "marketplace_id": DE}],
    "externally_assigned_product_identifier": [{"type": "ean", "value": "4006381333931"}],
}


def in_decimals(value):
    return json.loads(json.dumps(value), parse_float=Decimal)


@given(spoiled(GOOD))
def test_a_submission_has_issues_where_the_schema_of_its_type_refuses_it(attributes):
    """As a validator that others wrote understands the schema, but for the words of Amazon's own vocabulary."""
    if not isinstance(attributes, dict):
        return
    schema = schema_of("KETTLE", STORES, "LISTING", enforced=True)
    standard = {name: value for name, value in schema.items() if name != "$schema"}
    refused = not jsonschema_rs.Draft201909Validator(standard).is_valid(attributes)
    given = in_decimals(attributes)
    issues = [*find_missing(given, schema)]
    issues += [found for name, values in given.items() for found in find_issues(name, values, schema)]
    assert bool(issues) is refused or {issue["code"] for issue in issues} <= {"99016"}


ABOUT = {"marketplace_id": DE, "language_tag": "de_DE"}


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("brand", [ABOUT], "99022"),
        ("brand", [], "99022"),
        ("brand", [ABOUT | {"value": "a"}, ABOUT | {"value": "b"}], "99016"),
        ("brand", [ABOUT | {"value": "ä" * 51}], "4000001"),  # a hundred bytes, not characters
        ("brand", [ABOUT | {"value": 5}], "4000001"),
        ("brand", [ABOUT | {"value": "a", "marketplace_id": US}], "90244"),
        ("brand", [ABOUT | {"value": "a", "colour": "b"}], "90000900"),
        ("brand", {"value": "a"}, "90000900"),
        ("condition_type", [{"value": "New"}], "90244"),
        ("submarine", [{"value": "a"}], "90000900"),
    ],
    ids=str,
)
def test_codes_of_issues(attribute, value, code):
    async def check(seller):
        body = {"productType": "LUGGAGE", "attributes": WHOLE | {"brand": [ABOUT | {"value": "a"}], attribute: value}}
        return (await put(seller, "NEW", body, mode="VALIDATION_PREVIEW")).json()

    answer = ask(check)
    assert (answer["status"], [issue["code"] for issue in answer["issues"]]) == ("INVALID", [code])
    assert answer["issues"][0]["attributeNames"] == [attribute]


def test_entries_with_other_selectors_are_not_too_many():
    async def check(seller):
        brands = [ABOUT | {"value": "a"}, {"marketplace_id": NL, "language_tag": "nl_NL", "value": "b"}]
        body = {"productType": "LUGGAGE", "attributes": WHOLE | {"brand": brands}}
        return (await put(seller, "NEW", body, mode="VALIDATION_PREVIEW")).json()

    assert ask(check)["status"] == "VALID"


@pytest.mark.parametrize("requirements", REQUIRED)
def test_requirements_decide_what_a_submission_must_and_may_have(requirements):
    async def check(seller):
        body = {"productType": "LUGGAGE", "requirements": requirements, "attributes": {"purchasable_offer": [PRICE]}}
        return (await put(seller, "NEW", body, mode="VALIDATION_PREVIEW")).json()

    issues = ask(check)["issues"]
    missing = [issue["attributeNames"][0] for issue in issues if issue["code"] == "90220"]
    assert missing == schema_of("LUGGAGE", STORES, requirements, enforced=True)["required"]
    refused = ["purchasable_offer"] if requirements == "LISTING_PRODUCT_ONLY" else []
    assert [issue["attributeNames"][0] for issue in issues if issue["code"] == "90000900"] == refused


def test_product_type_without_a_definition_cannot_be_listed():
    """FACTS 8: 400 for a wrong product type."""
    answer = ask(lambda seller: put(seller, "NEW", {"productType": "SUBMARINE", "attributes": WHOLE}))
    assert (answer.status_code, error(answer)["code"]) == (400, "BAD_REQUEST")


def test_merge_needs_the_selectors_of_an_entry_and_no_more():
    """FACTS 8: merge changes the members that are given; selectors say of which entry."""

    async def check(seller):
        parts = [{"currency": "EUR", "marketplace_id": DE, "audience": "ALL"}, {"value": "x"}]
        paths = ["/attributes/purchasable_offer", "/attributes/brand"]
        statuses = []
        for path, part in zip(paths, parts, strict=True):
            patch = {"op": "merge", "path": path, "value": [part]}
            body = {"productType": "PRODUCT", "patches": [patch]}
            statuses.append((await seller.patch(f"{ITEMS}/TEA", body, marketplaceIds=DE)).json()["status"])
        return statuses

    assert ask(check) == ["ACCEPTED", "INVALID"]


def test_whole_number_with_a_point_is_a_quantity():
    async def check(seller):
        entry = {"fulfillment_channel_code": "DEFAULT", "quantity": 5.0}
        patch = {"op": "replace", "path": "/attributes/fulfillment_availability", "value": [entry]}
        await seller.patch(f"{ITEMS}/TEA", {"productType": "PRODUCT", "patches": [patch]}, marketplaceIds=DE)
        await asyncio.sleep(EFFECT)
        return repr(seller.amazon.stock["TEA"])

    assert ask(check) == "5"
