"""Our minor units and Stripe's."""

from __future__ import annotations

import pytest

from integrations.stripe.amounts import from_stripe, to_stripe
from kernel.money import Money


@pytest.mark.parametrize(
    ("money", "amount", "currency"),
    [
        (Money(1250, "GBP"), 1250, "gbp"),
        (Money(500, "JPY"), 500, "jpy"),
        (Money(5120, "KWD"), 5120, "kwd"),
        # No decimals any more in ISO 4217, but two for Stripe.
        (Money(5, "ISK"), 500, "isk"),
        (Money(7, "UGX"), 700, "ugx"),
        # The other way round.
        (Money(300, "MGA"), 3, "mga"),
        (Money(-1250, "EUR"), -1250, "eur"),
    ],
)
def test_money_goes_to_stripe_and_comes_back(money, amount, currency):
    assert to_stripe(money) == (amount, currency)
    assert from_stripe(amount, currency) == money


@pytest.mark.parametrize("money", [Money(5124, "KWD"), Money(1, "TND"), Money(250, "MGA")])
def test_what_stripe_cannot_charge_is_refused_before_it_is_asked(money):
    with pytest.raises(ValueError, match=money.currency):
        to_stripe(money)


def test_a_fraction_of_what_has_no_decimals_here_is_no_money():
    with pytest.raises(ValueError, match="ISK"):
        from_stripe(550, "isk")
