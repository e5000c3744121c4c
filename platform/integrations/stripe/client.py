"""The gateway: one object through which the platform speaks to Stripe, or to the local one in its place."""

from __future__ import annotations

import os
from functools import cache
from typing import Self, override
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from stripe._base_address import BaseAddresses  # the package itself names it nowhere, though its client takes it

from integrations.stripe.gateway.catalogue import Prices, Products
from integrations.stripe.gateway.checkout import Checkout
from integrations.stripe.gateway.credit_notes import CreditNotes
from integrations.stripe.gateway.customers import Customers
from integrations.stripe.gateway.discounts import Discounts
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.events import Events
from integrations.stripe.gateway.invoices import Invoices
from integrations.stripe.gateway.meters import Meters
from integrations.stripe.gateway.payments import Payments
from integrations.stripe.gateway.reversals import Reversals
from integrations.stripe.gateway.subscriptions import Subscriptions
from integrations.stripe.gateway.taxes import TaxRates
from integrations.stripe.transport import LIMITS, Transport
from integrations.stripe.version import STRIPE_API_VERSION
from kernel.errors import PermanentFailure
from kernel.http_client import HttpClient

# The library would otherwise tell Stripe how long our requests took, and of what machine.
stripe.enable_telemetry = False


class StripeGateway:
    """Every command takes an idempotency key, which its caller has stored before and uses again when it asks again (R27).

    What comes back are values of our own. What fails is one of `errors`. Safe for threads; not to be shared by a fork.
    """

    def __init__(self, *, api_key: str, http: stripe.HTTPClient, api_base: str = "", account: str = "") -> None:
        addresses: BaseAddresses = {}
        if api_base:
            addresses = {"api": api_base, "connect": api_base, "files": api_base, "meter_events": api_base}
        client = stripe.StripeClient(
            api_key,
            stripe_version=STRIPE_API_VERSION,
            base_addresses=addresses,
            max_network_retries=0,
            http_client=http,
        )
        self._is_test = not api_key.startswith(("sk_live_", "rk_live_"))
        self._bind(Door(client, account))

    def for_account(self, account_id: str) -> Self:
        """This gateway speaking for a connected account (`Stripe-Account`)."""
        other = object.__new__(type(self))
        other._is_test = self._is_test
        other._bind(Door(self._door.client, account_id))
        return other

    @property
    def is_test(self) -> bool:
        """Whether no real money moves."""
        return self._is_test

    @override
    def __repr__(self) -> str:
        return f"<StripeGateway {'test' if self._is_test else 'live'} {self._door.account or 'platform'}>"

    def _bind(self, door: Door) -> None:
        self._door = door
        self.customers = Customers(door)
        self.products = Products(door)
        self.prices = Prices(door)
        self.discounts = Discounts(door)
        self.checkout = Checkout(door)
        self.payments = Payments(door)
        self.reversals = Reversals(door)
        self.subscriptions = Subscriptions(door)
        self.invoices = Invoices(door)
        self.credit_notes = CreditNotes(door)
        self.tax_rates = TaxRates(door)
        self.meters = Meters(door)
        self.events = Events(door)


@cache
def configured_gateway() -> StripeGateway:
    """The process's gateway, as the settings describe it: `STRIPE_SECRET_KEY`, and `STRIPE_API_BASE` for a local one.

    Raises:
        PermanentFailure: no key is set.
    """
    if not settings.STRIPE_SECRET_KEY:
        raise PermanentFailure("STRIPE_SECRET_KEY is not set", code="stripe_not_configured")
    local = settings.STRIPE_API_BASE
    client = HttpClient(allow_private=(urlsplit(local).netloc,) if local else (), limits=LIMITS)
    return StripeGateway(api_key=settings.STRIPE_SECRET_KEY, api_base=local, http=Transport(client))


# A forked worker must not write into the connections of its parent.
os.register_at_fork(after_in_child=configured_gateway.cache_clear)
