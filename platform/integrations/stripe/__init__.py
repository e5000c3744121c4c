"""Stripe: a gateway with commands and values of our own, webhooks' signatures, and a local Stripe in `fake` (ADR 0020)."""

from integrations.stripe.client import StripeGateway, configured_gateway
from integrations.stripe.declines import sentence_of_decline
from integrations.stripe.gateway.events import StripeEvent
from integrations.stripe.version import STRIPE_API_VERSION
from integrations.stripe.webhooks import read_event

__all__ = [
    "STRIPE_API_VERSION",
    "StripeEvent",
    "StripeGateway",
    "configured_gateway",
    "read_event",
    "sentence_of_decline",
]
