"""A refused card in words for its owner: what they can do, and never more than the bank wants said."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

# Stripe's documentation, "Decline codes": lost, stolen and fraudulent are to look like any other refusal.
_SENTENCES: Final = {
    "insufficient_funds": _("There is not enough money on this card. Use another card, or try again later."),
    "expired_card": _("This card has expired. Use another card."),
    "incorrect_cvc": _("The card's security code is not right. Check it and try again."),
    "incorrect_number": _("The card's number is not right. Check it and try again."),
    "processing_error": _("The bank could not process the card just now. Try again in a few minutes."),
    "card_not_supported": _("The bank does not allow this kind of payment with this card. Use another card."),
    "currency_not_supported": _("This card does not work in this currency. Use another card."),
    "authentication_required": _("The bank wants you to confirm this payment. Open the invoice to do so."),
    "card_velocity_exceeded": _("The card's limit is used up. Use another card, or ask the bank."),
    "withdrawal_count_limit_exceeded": _("The card's limit is used up. Use another card, or ask the bank."),
}
_ANY: Final = _("The bank declined this card. Use another card, or ask the bank for the reason.")


def sentence_of_decline(decline_code: str) -> str:
    """What to tell the card's owner, in the language that is active."""
    return str(_SENTENCES.get(decline_code, _ANY))
