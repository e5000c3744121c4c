"""Our minor units and Stripe's, which differ for three currencies (Stripe's documentation, "Supported currencies")."""

from __future__ import annotations

from typing import Final

from kernel.money import Money, currency_exponent

# Where Stripe's minor unit is not ISO 4217's: none for the ariary; for the two that lost their decimals, two as ever.
_EXPONENTS: Final = {"MGA": 0, "ISK": 2, "UGX": 2}
_THREE_DECIMALS: Final = 3


def stripe_exponent(currency: str) -> int:
    """How many decimals Stripe's smallest unit of `currency` (capitals) stands for."""
    return _EXPONENTS.get(currency, currency_exponent(currency))


def to_stripe(money: Money) -> tuple[int, str]:
    """`money` as amount and currency for Stripe.

    Raises:
        ValueError: Stripe cannot charge it: a third decimal that is not 0, or a fraction of what has none there.
    """
    ours, theirs = currency_exponent(money.currency), stripe_exponent(money.currency)
    if theirs >= ours:
        amount = money.amount_minor * 10 ** (theirs - ours)
    else:
        amount, rest = divmod(money.amount_minor, 10 ** (ours - theirs))
        if rest:
            raise ValueError(f"Stripe charges {money.currency} in whole units only: {money.amount_minor}")
    if theirs == _THREE_DECIMALS and amount % 10:
        raise ValueError(f"Stripe wants {money.currency} with a last digit of 0: {amount}")
    return amount, money.currency.lower()


def from_stripe(amount: int, currency: str) -> Money:
    """What Stripe calls `amount` of `currency` (its small letters) as our money.

    Raises:
        ValueError: it is a fraction of what has no decimals here.
    """
    code = currency.upper()
    ours, theirs = currency_exponent(code), stripe_exponent(code)
    if ours >= theirs:
        return Money(amount * 10 ** (ours - theirs), code)
    whole, rest = divmod(amount, 10 ** (theirs - ours))
    if rest:
        raise ValueError(f"{amount} of {code} is no whole number of what we count in")
    return Money(whole, code)
