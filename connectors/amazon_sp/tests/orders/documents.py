"""Small orders as Amazon sends them."""

from decimal import Decimal


def document(*items, **more):
    return {
        "orderId": "028-1",
        "createdTime": "2026-11-24T08:00:00Z",
        "lastUpdatedTime": "2026-11-24T08:05:00.250Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1PA6795UKMFR9"},
        "orderItems": list(items),
        **more,
    }


def item(number="1", ordered=1, **more):
    return {"orderItemId": number, "quantityOrdered": ordered, "product": {"sellerSku": "MUG"}, **more}


def proceeds(total, *parts, currency="EUR"):
    """`parts` are (type, amount) or (type, amount, {subtype: amount}); `total` may be None."""
    told = {} if total is None else {"proceedsTotal": amount(total, currency)}
    return told | {"breakdowns": [_part(currency, *part) for part in parts]}


def _part(currency, name, value, details=None):
    inner = [{"subtype": subtype, "value": amount(part, currency)} for subtype, part in (details or {}).items()]
    part = {"type": name, "subtotal": amount(value, currency)}
    return part | {"detailedBreakdowns": inner} if details else part


def amount(value, currency="EUR"):
    return {"amount": str(Decimal(value)), "currencyCode": currency}
