"""The value type: whole minor units of one currency, its sums, shares and percentages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Self

from kernel.money.currencies import require_currency

_BASIS_POINTS = 10_000


class CurrencyMismatch(ValueError):
    """Two currencies met in one sum: a mistake in the program, not something a person can mend."""


class Rounding(Enum):
    """Where exactly half a minor unit goes."""

    HALF_EVEN = "half-even"
    """To the even neighbour: no drift over many amounts (fees, shares)."""
    HALF_UP = "half-up"
    """Away from zero: what most tax offices and price lists ask for."""


@dataclass(frozen=True, slots=True)
class Money:
    """`amount_minor` of the smallest unit of `currency` (ISO 4217): 1250 GBP is £12.50, 1250 JPY is ¥1,250."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        # `type` and not `isinstance`: True is an int, and a float that slips in here would be found in the accounts.
        if type(self.amount_minor) is not int:
            raise TypeError(f"an amount is a whole number of minor units, not {self.amount_minor!r}")
        require_currency(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in `currency`."""
        return cls(0, currency)

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing at all."""
        return self.amount_minor == 0

    @property
    def is_negative(self) -> bool:
        """Whether it is owed rather than had."""
        return self.amount_minor < 0

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._minor_of(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __mul__(self, count: int) -> Money:
        if type(count) is not int:
            raise TypeError("money is multiplied by whole numbers only; for a share use `percent` or `allocate`")
        return Money(self.amount_minor * count, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._minor_of(other)

    def __le__(self, other: Money) -> bool:
        return self.amount_minor <= self._minor_of(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount_minor > self._minor_of(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount_minor >= self._minor_of(other)

    def percent(self, basis_points: int, *, rounding: Rounding) -> Money:
        """`basis_points` hundredths of a percent of it (2,000 is 20 %), rounded to the minor unit."""
        return Money(divide_rounded(self.amount_minor * basis_points, _BASIS_POINTS, rounding=rounding), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Split by `weights`, to the unit: the parts add up exactly, in the order of the weights.

        Each part is less than one unit from its exact share; the units left over go to the largest rests, the earlier of
        equal ones first. A part of weight 0 is 0. What is owed is split as what is had is, with the signs turned.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative, nor all be zero")
        sign = -1 if self.is_negative else 1
        shares = [divmod(abs(self.amount_minor) * weight, total) for weight in weights]
        parts = [whole for whole, _rest in shares]
        by_largest_rest = sorted(range(len(shares)), key=lambda index: -shares[index][1])
        for index in by_largest_rest[: abs(self.amount_minor) - sum(parts)]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def _minor_of(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other.amount_minor


def sum_money(amounts: Iterable[Money], *, currency: str) -> Money:
    """The sum of `amounts`, all of which must be in `currency`; of none, zero."""
    total = Money.zero(currency)
    for amount in amounts:
        total += amount
    return total


def divide_rounded(numerator: int, denominator: int, *, rounding: Rounding) -> int:
    """`numerator / denominator` as the nearest whole number; `denominator` is positive."""
    sign = -1 if numerator < 0 else 1
    quotient, rest = divmod(abs(numerator), denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and (rounding is Rounding.HALF_UP or quotient % 2 == 1)):
        quotient += 1
    return sign * quotient
