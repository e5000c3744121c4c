"""The card's fields, with Stripe's test cards to choose from, and what comes of them."""

from __future__ import annotations

from typing import Final

from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.cards import card_numbered
from integrations.stripe.fake.resources.methods import new_card
from integrations.stripe.fake.unit import Unit
from integrations.stripe.fake.web.html import Markup, Page, alert, field_of, form, joined, page, tag

_SHOWN: Final = (
    ("4242 4242 4242 4242", "is paid"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has not enough money"),
    ("4000 0000 0000 0341", "can be saved, and fails when it is charged"),
    ("4000 0025 0000 3155", "wants you to confirm once"),
    ("4000 0027 6000 3184", "wants you to confirm each payment"),
    ("4000 0000 0000 0069", "has expired"),
    ("4000 0000 0000 0259", "is paid, then disputed"),
)


def card_fields(number: str = "") -> Markup:
    """Number, expiry and code; any date to come and any code will do."""
    options = joined(tag("option", meaning, value=shown) for shown, meaning in _SHOWN)
    return joined(
        [
            field_of(
                "number",
                "Card number",
                value=number,
                hint="Only test cards work: 4242 4242 4242 4242 is paid.",
                inputmode="numeric",
                autocomplete="off",
                list="cards",
                required=True,
            ),
            tag("datalist", options, id="cards"),
            tag(
                "div",
                field_of("expires", "Expires (MM/YY)", placeholder="12/34", value="12/34", autocomplete="off", required=True),
                field_of("cvc", "Security code", value="123", inputmode="numeric", autocomplete="off", required=True),
                class_="row",
            ),
            tag(
                "details",
                tag("summary", "All test cards"),
                tag("ul", *(tag("li", f"{shown} {told}") for shown, told in _SHOWN)),
            ),
        ]
    )


def typed_card(unit: Unit, params: Params) -> Obj:
    """The payment method of what was typed.

    Raises:
        Refusal: it is no test card, or no date to come.
    """
    number = "".join(letter for letter in params.text("number") if letter.isdigit())
    card = card_numbered(number)
    month, _, year = params.text("expires").replace(" ", "").partition("/")
    params.ignore("cvc")
    if card is None:
        raise Refusal("Use one of the test cards: no real card works here.", code="incorrect_number")
    if not (month.isdecimal() and year.isdecimal() and 1 <= int(month) <= 12):  # noqa: PLR2004  # months
        raise Refusal("Write the expiry date as month and year, like 12/34.", code="invalid_expiry")
    return new_card(unit, card, expires=(int(month), 2000 + int(year) % 100))


def method_of_form(unit: Unit, params: Params) -> tuple[Obj, bool]:
    """The card, and whether its bank has just confirmed it: one that was typed, or one that comes back from the bank's page.

    Raises:
        Refusal: it is no test card, or its owner refused at the bank.
    """
    if not params.has("method"):
        return typed_card(unit, params), False
    if params.text("confirmed") != "yes":
        raise Refusal("You did not confirm this at your bank. Try again, or use another card.")
    method = unit.get("payment_method", params.text("method"))
    method["_authenticated"] = True
    return method, True


def confirmation(title: str, action: str, hidden: dict[str, str], message: str = "") -> Page:
    """What the bank shows to the card's owner (3-D Secure)."""
    yes = form(action, label="Confirm the payment", hidden=hidden | {"confirmed": "yes"})
    no = form(action, label="Refuse it", hidden=hidden | {"confirmed": "no"}, class_="second")
    told = tag("p", "This page stands for your bank's. A real bank would ask for a code or a fingerprint.")
    return page(title, alert(message), tag("section", tag("h2", "Is that you?"), told, yes, no))
