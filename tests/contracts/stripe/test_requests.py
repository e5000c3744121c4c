"""What the gateway asks with is what the library knows: every command that the gateway's tests give is listened to."""

from __future__ import annotations

import pytest
import stripe

from tests.contracts.stripe.types_of_requests import problems_of

CUSTOMERS = stripe.StripeClient("sk_test_none").v1.customers
SESSIONS = stripe.StripeClient("sk_test_none").v1.checkout.sessions

WRONG = {
    "a name that there is none of": (CUSTOMERS.create, {"colour": "red"}, "CustomerService.create.colour"),
    "a name within a part": (CUSTOMERS.create, {"address": {"street": "1"}}, "CustomerService.create.address.street"),
    "a name within a list": (SESSIONS.create, {"line_items": [{"cost": 1}]}, "SessionService.create.line_items[0].cost"),
    "a word that is none of the choices": (CUSTOMERS.update, {"tax_exempt": "maybe"}, "CustomerService.update.tax_exempt"),
    "a text for a flag": (SESSIONS.create, {"allow_promotion_codes": "yes"}, "SessionService.create.allow_promotion_codes"),
    "a flag for a number": (CUSTOMERS.create, {"balance": True}, "CustomerService.create.balance"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_library_does_not_know_is_named(name):
    """The negative control of the listener in tests/integrations/stripe/conftest.py."""
    method, params, where = WRONG[name]

    assert [problem.split(" is ")[0] for problem in problems_of(method, params)] == [where]


def test_what_the_library_knows_is_right():
    params = {
        "name": "Ada",
        "balance": -5,
        "address": {"country": "GB"},
        "metadata": {"anything": "goes"},
        "preferred_locales": ["fr"],
        "tax_id_data": [{"type": "gb_vat", "value": "1"}],
    }

    assert problems_of(CUSTOMERS.create, params) == []
    assert problems_of(CUSTOMERS.update, {"address": "", "metadata": ""}) == []
