"""One question to Stripe: its options, and the library's exceptions made ours without what they carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import stripe

from integrations.stripe.errors import (
    AuthenticationNeeded,
    Away,
    CardDeclined,
    InvalidRequest,
    KeyInUse,
    KeyReused,
    NoSuchObject,
    PlatformKeyRefused,
    RateLimited,
    StripeFailure,
)
from kernel.errors import OutsideFailure

_NOT_FOUND: Final = 404
# Of `Retry-After`: whoever asks for more is asked again all the same.
_LONGEST_WISH_SECONDS: Final = 3600.0
_CONFLICT: Final = 409
_NEEDS_AUTHENTICATION: Final = frozenset({"authentication_required", "invoice_payment_intent_requires_action"})


def ask[T](question: Callable[[], T]) -> T:
    """The answer to `question`, or one of `errors`.

    Raised outside of the handlers on purpose, and what the transport has raised without its way here: an exception's frames
    and context would keep the library's, and with them the header that holds our key, for whoever writes tracebacks with
    their variables.
    """
    failure: OutsideFailure
    try:
        return question()
    except stripe.StripeError as error:
        failure = _failure_of(error)
    except OutsideFailure as error:
        failure = error.with_traceback(None)
        failure.__context__ = None
    raise failure


def _failure_of(error: stripe.StripeError) -> StripeFailure:
    message = error.user_message or "Stripe gave no reason"
    request_id = error.request_id or ""
    for kind, make in _BY_KIND:
        if isinstance(error, kind):
            return make(error, message, request_id)
    return _server_failure(error, message, request_id)


def _card_failure(error: stripe.StripeError, message: str, request_id: str) -> StripeFailure:
    details = error.error
    intent = getattr(details, "payment_intent", None)
    intent_id = str(getattr(intent, "id", "") or "")
    decline_code = str(getattr(details, "decline_code", None) or error.code or "generic_decline")
    if error.code in _NEEDS_AUTHENTICATION or decline_code in _NEEDS_AUTHENTICATION:
        return AuthenticationNeeded(message, payment_intent_id=intent_id, request_id=request_id)
    return CardDeclined(message, decline_code=decline_code, payment_intent_id=intent_id, request_id=request_id)


def _invalid_request(error: stripe.StripeError, message: str, request_id: str) -> StripeFailure:
    if error.http_status == _NOT_FOUND:
        return NoSuchObject(message, code="stripe_no_such_object", request_id=request_id)
    param = str(getattr(error, "param", None) or "")
    return InvalidRequest(message, code=error.code or "invalid_request", param=param, request_id=request_id)


def _server_failure(error: stripe.StripeError, message: str, request_id: str) -> StripeFailure:
    if error.http_status == _CONFLICT:
        return KeyInUse(message, code="stripe_key_in_use", request_id=request_id)
    replayed = str((error.headers or {}).get("idempotent-replayed", "")).lower() == "true"
    code = "stripe_failed" if error.http_status else "stripe_away"
    return Away(message, code=code, is_final=replayed, request_id=request_id)


def _rate_limited(error: stripe.StripeError, message: str, request_id: str) -> StripeFailure:
    wish = str((error.headers or {}).get("retry-after", "")).strip()
    seconds = min(float(wish), _LONGEST_WISH_SECONDS) if wish.isascii() and wish.isdigit() else None
    return RateLimited(message, code="stripe_rate_limited", request_id=request_id, retry_after_seconds=seconds)


type _Maker = Callable[[stripe.StripeError, str, str], StripeFailure]
_BY_KIND: Final[tuple[tuple[type[stripe.StripeError], _Maker], ...]] = (
    (stripe.CardError, _card_failure),
    (stripe.RateLimitError, _rate_limited),
    (stripe.IdempotencyError, lambda _, message, request: KeyReused(message, code="stripe_key_reused", request_id=request)),
    (stripe.InvalidRequestError, _invalid_request),
    (
        stripe.AuthenticationError,
        lambda _, message, request: PlatformKeyRefused(message, code="stripe_key_refused", request_id=request),
    ),
    (
        stripe.PermissionError,
        lambda _, message, request: PlatformKeyRefused(message, code="stripe_key_refused", request_id=request),
    ),
)
