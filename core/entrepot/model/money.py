"""Amounts of money: exact, with a currency, never through a float."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any, Self

from attrs import field, frozen

_CODE = re.compile("[A-Z]{3}")


DECIMALS = 8
"""With 20 digits before the point, all that decimal arithmetic keeps: no sum of amounts is rounded."""


@cache
def minor_digits(currency: str) -> int:
    """Digits behind the point in ISO 4217 (2 for EUR, 0 for JPY).

    Raises ValueError for a code that ISO does not list.
    """
    from iso4217 import Currency  # noqa: PLC0415 - it reads a large table, which few processes need

    return Currency(currency).exponent or 0


def _exact(_: object, __: object, amount: Any) -> None:
    if not isinstance(amount, Decimal):
        msg = f"an amount of money is a Decimal, not {type(amount).__name__} ({amount!r})"
        raise TypeError(msg)
    if not amount.is_finite():
        msg = f"an amount of money is a finite number, not {amount}"
        raise ValueError(msg)
    try:
        kept = round(amount, DECIMALS) == amount
    except InvalidOperation:  # more digits than arithmetic keeps
        kept = False
    if not kept:
        msg = f"an amount of money has up to 20 digits and {DECIMALS} decimals, not {amount!s:.40}"
        raise ValueError(msg)


@lru_cache(maxsize=256)
def _is_code(currency: str) -> bool:
    return _CODE.fullmatch(currency) is not None


def currency_code(_: object, __: object, currency: str) -> None:
    if not _is_code(currency):
        msg = f"a currency is an ISO 4217 code of three capitals, not {currency!r}"
        raise ValueError(msg)


@frozen(order=False)
class Money:
    """An amount in major units. Nothing is ever rounded implicitly; amounts of two currencies do not mix."""

    amount: Decimal = field(validator=_exact)
    currency: str = field(validator=currency_code)

    def __add__(self, other: "Money") -> Self:
        self._same_currency(other)
        return type(self)(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> Self:
        self._same_currency(other)
        return type(self)(self.amount - other.amount, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __mul__(self, quantity: int) -> Self:
        if type(quantity) is not int:
            msg = f"money is multiplied by a whole quantity, not by {quantity!r}"
            raise TypeError(msg)
        return type(self)(self.amount * quantity, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            msg = f"{self} and {other} are of two currencies"
            raise ValueError(msg)


def total(amounts: Iterable[Money | None], currency: str) -> Money:
    """The sum, absent amounts counting as nothing. Raises ValueError when one is in another currency."""
    result = Decimal(0)
    for amount in amounts:
        if amount is None:
            continue
        if amount.currency != currency:
            msg = f"{Money(result, currency)} and {amount} are of two currencies"
            raise ValueError(msg)
        result += amount.amount
    return Money(result, currency)
