"""The way to Stripe, and whether there is one."""

from __future__ import annotations

from integrations.stripe import StripeGateway, configured_gateway
from shared_apps.plans.services import is_sold_by_stripe


def is_billed() -> bool:
    """Whether this installation has a Stripe at all; without it nobody can pay, and nobody owes."""
    return is_sold_by_stripe()


def stripe() -> StripeGateway:
    """The process's gateway."""
    return configured_gateway()
