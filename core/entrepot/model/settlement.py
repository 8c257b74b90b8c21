"""What a channel paid out, and for what, in its smallest true form."""

from datetime import datetime

from attrs import converters, field, frozen

from entrepot.model.money import Money, total
from entrepot.model.time import utc


@frozen
class SettlementLine:
    """One amount.

    `kind` is the channel's own word; `order` and `offer` are the channel's ids where the line names them.
    """

    kind: str
    amount: Money
    posted_at: datetime | None = field(default=None, converter=converters.optional(utc))
    order: str = ""
    offer: str = ""


@frozen
class Settlement:
    """A payout. It balances when its lines add up to `deposit`, to the cent."""

    external_id: str
    start: datetime = field(converter=utc)
    end: datetime = field(converter=utc)
    deposit: Money
    lines: tuple[SettlementLine, ...]

    @property
    def difference(self) -> Money:
        """Lines - deposit: nothing, where every cent has a reason."""
        return total((line.amount for line in self.lines), self.deposit.currency) - self.deposit
