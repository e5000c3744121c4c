"""Stripe's test cards: what they are called, and what the bank says of them ("Testing" in Stripe's documentation)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card. `attach` and `charge` are decline codes; `authenticates`: `setup` once, `always` each time nobody is there."""

    number: str
    brand: str = "visa"
    attach: str = ""
    charge: str = ""
    authenticates: str = ""
    disputes: bool = False


_CARDS: Final[Mapping[str, TestCard]] = {
    "visa": TestCard("4242424242424242"),
    "visa_debit": TestCard("4000056655665556"),
    "mastercard": TestCard("5555555555554444", "mastercard"),
    "amex": TestCard("378282246310005", "amex"),
    "gb": TestCard("4000008260000000"),
    "de": TestCard("4000002760000016"),
    "chargeDeclined": TestCard("4000000000000002", attach="generic_decline", charge="generic_decline"),
    "chargeDeclinedInsufficientFunds": TestCard("4000000000009995", attach="insufficient_funds", charge="insufficient_funds"),
    "chargeDeclinedLostCard": TestCard("4000000000009987", attach="lost_card", charge="lost_card"),
    "chargeDeclinedStolenCard": TestCard("4000000000009979", attach="stolen_card", charge="stolen_card"),
    "chargeDeclinedExpiredCard": TestCard("4000000000000069", attach="expired_card", charge="expired_card"),
    "chargeDeclinedIncorrectCvc": TestCard("4000000000000127", attach="incorrect_cvc", charge="incorrect_cvc"),
    "chargeDeclinedProcessingError": TestCard("4000000000000119", attach="processing_error", charge="processing_error"),
    "chargeCustomerFail": TestCard("4000000000000341", charge="generic_decline"),
    "authenticationRequiredOnSetup": TestCard("4000002500003155", authenticates="setup"),
    "authenticationRequired": TestCard("4000002760003184", authenticates="always"),
    "authenticationRequiredChargeDeclinedInsufficientFunds": TestCard(
        "4000008260003178", charge="insufficient_funds", authenticates="always"
    ),
    "createDispute": TestCard("4000000000000259", disputes=True),
}
_BY_NUMBER: Final = {card.number: card for card in _CARDS.values()}
# Codes that are an error's own; every other is a `card_declined` with the reason beside it.
_OWN_CODES: Final = frozenset({"expired_card", "incorrect_cvc", "processing_error", "incorrect_number"})
_SENTENCES: Final = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "incorrect_number": "Your card number is incorrect.",
}


def card_named(payment_method: str) -> TestCard | None:
    """The card of `pm_card_…`; the brand may stand before what it does (`pm_card_visa_chargeDeclined`)."""
    name = payment_method.removeprefix("pm_card_")
    return _CARDS.get(name) or _CARDS.get(name.removeprefix("visa_"))


def card_numbered(number: str) -> TestCard | None:
    """The card of this number, None if it is no test card."""
    return _BY_NUMBER.get(number)


def code_of(decline: str) -> str:
    """The error's `code` for a reason."""
    return decline if decline in _OWN_CODES else "card_declined"


def sentence_of(decline: str) -> str:
    """The error's sentence for a reason."""
    return _SENTENCES.get(decline, "Your card was declined.")
