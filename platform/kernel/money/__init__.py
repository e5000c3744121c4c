"""Amounts of money: no float anywhere, no rounding that is not named, no two currencies in one sum."""

from kernel.money.amount import CurrencyMismatch, Money, Rounding, divide_rounded, sum_money
from kernel.money.currencies import currency_exponent, require_currency
from kernel.money.text import MAX_AMOUNT_MINOR, format_money, parse_money

__all__ = [
    "MAX_AMOUNT_MINOR",
    "CurrencyMismatch",
    "Money",
    "Rounding",
    "currency_exponent",
    "divide_rounded",
    "format_money",
    "parse_money",
    "require_currency",
    "sum_money",
]
