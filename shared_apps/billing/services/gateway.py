"""The way to Stripe, and whether there is one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from integrations.stripe import StripeGateway, configured_gateway
from kernel.errors import PermanentFailure, TemporaryFailure
from shared_apps.billing.errors import CommandRefused, NotConfirmedYet
from shared_apps.plans.services import is_sold_by_stripe

log = structlog.get_logger(__name__)


def is_billed() -> bool:
    """Whether this installation has a Stripe at all; without it nobody can pay, and nobody owes."""
    return is_sold_by_stripe()


def is_taxed_by_stripe() -> bool:
    """Whether Stripe Tax finds what tax there is to pay (`STRIPE_TAX`)."""
    return bool(settings.STRIPE_TAX)


def stripe() -> StripeGateway:
    """The process's gateway."""
    return configured_gateway()


@contextmanager
def asking() -> Generator[None]:
    """Around questions for whose answer a person waits: what Stripe leaves unanswered becomes a sentence for them.

    Raises:
        NotConfirmedYet: Stripe is away; nothing was asked of it that could go on.
        CommandRefused: Stripe makes nothing of the question.
    """
    try:
        yield
    except TemporaryFailure as failure:
        raise NotConfirmedYet(_("Stripe does not answer at the moment. Nothing was changed; please try again.")) from failure
    except PermanentFailure as failure:
        log.exception("stripe refused a question", refusal=failure.code, reason=failure.message)
        raise CommandRefused(
            _("Stripe refused this. Nothing was charged, and whoever runs the platform can see why.")
        ) from failure
