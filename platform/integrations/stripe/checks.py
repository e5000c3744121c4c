"""What the settings say of Stripe, checked before anybody pays: what takes no real money must not look as if it did, and the
demo must take none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

_LIVE: Final = ("sk_live_", "rk_live_")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@register(Tags.security)
def check_stripe(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:  # Any: Django's signature
    """The local Stripe belongs to the demo, a live key to Stripe, and a key needs secrets to know webhooks by."""
    del app_configs
    for code, sentence in _problems():
        yield Error(sentence, id=code)


def refuse_what_is_not_for_real() -> None:
    """The same for a process that runs no system checks, before it serves.

    Raises:
        ImproperlyConfigured: a setting of Stripe's is not for real, or is dangerous.
    """
    for _code, sentence in _problems():
        raise ImproperlyConfigured(sentence)


def _problems() -> Iterator[tuple[str, str]]:
    key, base = settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE
    if base and not settings.DEMO:
        yield "stripe.E001", "STRIPE_API_BASE is for the demo's local Stripe: nobody would really pay. Take it away."
    if settings.STRIPE_CLOCK_FILE and not settings.DEMO:
        yield "stripe.E005", "STRIPE_CLOCK_FILE is for the demo: everybody would be billed by a clock that somebody moves."
    if base and urlsplit(base).hostname not in _LOOPBACK:
        yield "stripe.E002", "STRIPE_API_BASE must be an address of this machine: the key would be sent there."
    if base and key.startswith(_LIVE):
        yield "stripe.E003", "A live STRIPE_SECRET_KEY must not be given to a local Stripe (STRIPE_API_BASE)."
    if settings.DEMO and key.startswith(_LIVE):
        yield "stripe.E006", "A live STRIPE_SECRET_KEY must not be given to the demo: whoever tries it would really pay."
    if key and not settings.STRIPE_WEBHOOK_SECRETS:
        yield "stripe.E004", "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRETS: every webhook would be refused."
