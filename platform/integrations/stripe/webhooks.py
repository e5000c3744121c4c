"""Whether a request that says it comes from Stripe does: the signature of the raw body, by one of our secrets, not too old."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from integrations.stripe.errors import WebhookRefused
from integrations.stripe.gateway.events import StripeEvent, event_of
from kernel import clock

TOLERANCE_SECONDS: Final = 300
_SCHEME: Final = "v1"
# Stripe sends a signature for each secret while one is rotated out; a header of thousands would be somebody else's.
_MOST_PARTS: Final = 16
_LONGEST_TIME: Final = 12


def read_event(body: bytes, header: str, secrets: Sequence[str]) -> StripeEvent:
    """The event in `body`, which must be the request's bytes as they came.

    `header` is `Stripe-Signature`; `secrets` are those of the endpoint, several while one is rotated (F07). The same event may
    come any number of times: that it is applied once is the inbox's work.

    Raises:
        WebhookRefused: with code `webhook_no_secret`, `webhook_bad_header`, `webhook_forged`, `webhook_stale` or
            `webhook_no_event`. Nothing of the body is in its message.
    """
    usable = [secret for secret in secrets if secret.strip()]
    if not usable:
        raise WebhookRefused("no webhook secret is set (STRIPE_WEBHOOK_SECRETS)", code="webhook_no_secret")
    signed_at, signatures = _parts_of(header)
    expected = [signature_of(body, secret, signed_at=signed_at) for secret in usable]
    # Every pair is compared, so that the time it takes says nothing of which secret or which letter was right.
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures]
    if not any(matches):
        raise WebhookRefused("no signature of ours", code="webhook_forged")
    if abs(int(clock.now().timestamp()) - signed_at) > TOLERANCE_SECONDS:
        raise WebhookRefused(f"signed more than {TOLERANCE_SECONDS} seconds from now", code="webhook_stale")
    try:
        said = json.loads(body)
    except ValueError:
        raise WebhookRefused("the body is not JSON", code="webhook_no_event") from None
    return event_of(said)


def signature_of(body: bytes, secret: str, *, signed_at: int) -> str:
    """The signature of `body` at that second (Stripe's documentation, "Verify webhook signatures manually")."""
    return hmac.new(secret.encode(), str(signed_at).encode() + b"." + body, sha256).hexdigest()


def _parts_of(header: str) -> tuple[int, list[str]]:
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == _SCHEME and value.isascii()]
    is_time = len(times) == 1 and times[0].isascii() and times[0].isdigit() and len(times[0]) <= _LONGEST_TIME
    if not is_time or not signatures or len(parts) > _MOST_PARTS:
        raise WebhookRefused("the signature's header makes no sense", code="webhook_bad_header")
    return int(times[0]), signatures
