"""Amazon's buyer and recipient. A document that is kept has lost them before: see `personal`."""

from entrepot.model import Address, Buyer, Recipient
from entrepot_amazon_sp.wire import orders as wire


def map_buyer(buyer: wire.Buyer) -> Buyer | None:
    """None where nothing is told, or nothing was kept."""
    if buyer == wire.Buyer():
        return None
    return Buyer(buyer.buyerName, buyer.buyerEmail, buyer.buyerCompanyName, buyer.buyerPurchaseOrderNumber)


def map_recipient(recipient: wire.Recipient) -> Recipient | None:
    """None where nothing is told, or nothing was kept."""
    if recipient == wire.Recipient():
        return None
    preference = recipient.deliveryPreference
    return Recipient(_address(recipient.deliveryAddress), preference.dropOffLocation, preference.addressInstruction)


def _address(address: wire.CustomerAddress) -> Address:
    fields, lines = address.extendedFields, (address.addressLine1, address.addressLine2, address.addressLine3)
    return Address(
        name=address.name,
        company=address.companyName,
        lines=tuple(line for line in lines if line),
        city=address.city,
        district=address.districtOrCounty,
        municipality=address.municipality,
        region=address.stateOrRegion,
        postal_code=address.postalCode,
        country=address.countryCode,
        phone=address.phone,
        street=fields.streetName,
        house_number=fields.streetNumber,
        complement=fields.complement,
        neighborhood=fields.neighborhood,
        kind=address.addressType,
    )
