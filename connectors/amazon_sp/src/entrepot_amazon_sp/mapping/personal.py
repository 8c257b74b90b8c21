"""Where an order of Amazon's tells who somebody is: cut before a document is kept, fingerprinted or mapped.

The values go and the groups `buyer` and `recipient` stay, empty: so a document still tells that they were returned.
Tax registrations go whole; of those of the merchant and of Amazon the merchant has no need to be told.
From Amazon's page "Access orders PII" and the model of the Orders API 2026-01-01.
"""

PII_PATHS = (
    "buyer.buyerName",
    "buyer.buyerEmail",
    "buyer.buyerCompanyName",
    "buyer.buyerPurchaseOrderNumber",
    "recipient.deliveryAddress",
    "recipient.deliveryPreference",
    "tax.taxRegistrations",
    "orderItems[].product.customization.customizedUrl",
    "orderItems[].fulfillment.packing.giftOption.giftMessage",
)
"""Paths in a record of the kind `order`."""
