"""How a question to Stripe can fail, by what the caller has to do about it. None of them holds a key, a header or a body."""

from __future__ import annotations

from typing import Any, Final

from kernel.errors import OutsideFailure, PermanentFailure, TemporaryFailure
from kernel.scrubbing import without_secrets

# A gateway in between may answer with a whole page.
_LONGEST_MESSAGE: Final = 500


class StripeFailure(OutsideFailure):
    """Anything that Stripe refused or did not answer; `request_id` is what its support asks for."""

    request_id: str = ""

    def __init__(self, message: str, *, request_id: str = "", **others: Any) -> None:  # Any: what the next class takes
        super().__init__(without_secrets(message)[:_LONGEST_MESSAGE], **others)
        self.request_id = request_id


class CardDeclined(StripeFailure, PermanentFailure):
    """The bank or Stripe refused the payment. `decline_code` says why; `sentence` (declines.py) says it to people.

    The same key gives the same refusal: another try, with another card or on another day, needs another key.
    """

    def __init__(
        self, message: str, *, decline_code: str, payment_intent_id: str = "", request_id: str = "", code: str = "card_declined"
    ) -> None:
        super().__init__(message, request_id=request_id, code=code)
        self.decline_code = decline_code
        self.payment_intent_id = payment_intent_id


class AuthenticationNeeded(StripeFailure, PermanentFailure):
    """The bank wants to see the card's owner: show them the invoice's hosted page, or a page with `payment_intent_id`."""

    def __init__(self, message: str, *, payment_intent_id: str = "", request_id: str = "") -> None:
        super().__init__(message, request_id=request_id, code="authentication_required")
        self.payment_intent_id = payment_intent_id


class InvalidRequest(StripeFailure, PermanentFailure):
    """Stripe could not make sense of it, or the object's state forbids it: our mistake. `param` is what it blames."""

    def __init__(self, message: str, *, code: str = "invalid_request", param: str = "", request_id: str = "") -> None:
        super().__init__(message, request_id=request_id, code=code)
        self.param = param


class NoSuchObject(StripeFailure, PermanentFailure):
    """There is no object of this id, or it is another account's."""


class KeyReused(StripeFailure, PermanentFailure):
    """The idempotency key was used with other parameters before: our mistake, and nothing was done."""


class PlatformKeyRefused(StripeFailure, PermanentFailure):
    """Stripe does not know the platform's own key, or does not let it do this. Nobody can pay until the operator acts."""


class RateLimited(StripeFailure, TemporaryFailure):
    """Too much at once; nothing was done. Ask again with the same key, later."""


class KeyInUse(StripeFailure, TemporaryFailure):
    """A request with this idempotency key is being answered at this moment. Ask again with the same key."""


class Away(StripeFailure, TemporaryFailure):
    """No answer, or none of use. Unless `was_sent` is False **it may have been done**: ask again with the same key.

    `is_final` means that Stripe has stored this failure under the key and will repeat it for as long as it keeps the key:
    then look at the object itself, and ask with another key only if it was not done.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "stripe_away",
        was_sent: bool = True,
        is_final: bool = False,
        request_id: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, request_id=request_id, code=code, retry_after_seconds=retry_after_seconds)
        self.was_sent = was_sent
        self.is_final = is_final


class WebhookRefused(StripeFailure, PermanentFailure):
    """What came in is not Stripe's: no signature of a secret of ours, too old, or no event."""
