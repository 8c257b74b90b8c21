"""Listings as any client looks at them, finds, patches and puts them."""

import asyncio

from connectors.amazon_sp.tests.simulator.asking import DE, ITEMS, NL

EFFECT = 61


def availability(quantity, op="merge", **members):
    value = {"fulfillment_channel_code": "DEFAULT", "quantity": quantity} | members
    return patch({name: given for name, given in value.items() if given is not None}, op)


def patch(value, op="merge", path="/attributes/fulfillment_availability", product="PRODUCT"):
    return {"productType": product, "patches": [{"op": op, "path": path, "value": [value]}]}


def shown(seller, sku="TEA", **query):
    return seller.get(seller.item(sku), **({"marketplaceIds": DE, "includedData": "fulfillmentAvailability"} | query))


async def send(seller, *bodies, sku="TEA", **query):
    """The answers, and what is shown at once and a minute later."""
    answers = [await seller.patch(seller.item(sku), body, marketplaceIds=f"{DE},{NL}", **query) for body in bodies]
    at_once = (await shown(seller, sku)).json()["fulfillmentAvailability"]
    await asyncio.sleep(EFFECT)
    return answers, at_once, (await shown(seller, sku)).json()["fulfillmentAvailability"]


def default(quantity):
    return [{"fulfillmentChannelCode": "DEFAULT", "quantity": quantity}]


MANY = {f"SKU-{number:02d}": number for number in range(25)}


def find(seller, **query):
    return seller.get(ITEMS, **({"marketplaceIds": DE} | query))


WHOLE = {
    "condition_type": [{"value": "new_new", "marketplace_id": DE}],
    "item_name": [{"value": "A kettle", "marketplace_id": DE, "language_tag": "de_DE"}],
}
PRICE = {"marketplace_id": DE, "currency": "EUR", "our_price": [{"schedule": [{"value_with_tax": 12.34}]}]}
UNITS = [{"fulfillment_channel_code": "DEFAULT", "quantity": 7}]


def whole(product="KETTLE", **attributes):
    return {"productType": product, "requirements": "LISTING", "attributes": WHOLE | attributes}


def put(seller, sku, body, **query):
    return seller.put(seller.item(sku), body, **({"marketplaceIds": DE} | query))
