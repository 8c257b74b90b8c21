"""Who bought, and where it goes: personal data, which no `repr` shows and which is kept only where it is needed."""

from attrs import field, frozen


def _hidden() -> str:
    """A text that stays out of `repr`, and so out of logs and tracebacks."""
    text: str = field(default="", repr=False)
    return text


@frozen
class Buyer:
    name: str = _hidden()
    email: str = _hidden()  # often an alias of the channel's
    company: str = _hidden()
    purchase_order: str = _hidden()  # the buyer's own number for the order


@frozen
class Address:
    """Parts as the channel tells them: `lines` for a label, `street` to `neighborhood` where it takes them apart."""

    name: str = _hidden()
    company: str = _hidden()
    lines: tuple[str, ...] = field(default=(), repr=False)
    city: str = _hidden()
    district: str = _hidden()
    municipality: str = _hidden()
    region: str = _hidden()
    postal_code: str = _hidden()
    country: str = _hidden()  # ISO 3166-1, two letters
    phone: str = _hidden()
    street: str = _hidden()
    house_number: str = _hidden()
    complement: str = _hidden()  # floor, flat
    neighborhood: str = _hidden()
    kind: str = _hidden()  # the channel's word: a home, a business, a pick-up point


@frozen
class Recipient:
    address: Address = Address()
    drop_off: str = _hidden()
    instructions: str = _hidden()
