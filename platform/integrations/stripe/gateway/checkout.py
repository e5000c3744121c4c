"""Stripe's own pages: Checkout, where somebody begins to pay or leaves a card, and the Billing portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, id_of, instant, metadata_of, seconds, state
from integrations.stripe.gateway.subscription import ItemChange

SHORTEST_TRIAL: Final = timedelta(hours=48)
"""A trial that begins on Checkout's page lasts at least so long (docs.stripe.com/api/checkout/sessions/create)."""


class CheckoutMode(StrEnum):
    """What the page is for."""

    SUBSCRIPTION = "subscription"
    SETUP = "setup"
    PAYMENT = "payment"


class CheckoutStatus(StrEnum):
    """How far somebody got."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class PaymentStatus(StrEnum):
    """Whether it was paid; a trial or a card that is only left needs no payment."""

    PAID = "paid"
    UNPAID = "unpaid"
    NOT_NEEDED = "no_payment_required"


class PortalPage(StrEnum):
    """Where in the portal somebody lands."""

    HOME = ""
    CARD = "payment_method_update"


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A page of Stripe's for one customer. `url` is where to send them while it is open; `reference` is ours."""

    id: str
    url: str
    mode: CheckoutMode
    status: CheckoutStatus
    payment_status: PaymentStatus
    customer_id: str
    subscription_id: str
    setup_intent_id: str
    invoice_id: str
    reference: str
    expires_at: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PortalSession:
    """A visit to the portal; `url` works for a few minutes and for whoever has it."""

    id: str
    url: str
    customer_id: str


class Checkout:
    """Commands and questions about Checkout and the portal."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create_for_subscription(
        self,
        *,
        customer_id: str,
        items: Sequence[ItemChange],
        success_url: str,
        cancel_url: str,
        reference: str,
        metadata: Mapping[str, str],
        idempotency_key: str,
        trial_end: datetime | None = None,
        promotion_code_id: str = "",
        takes_promotion_codes: bool = False,
        takes_tax_id: bool = False,
        with_tax: bool = False,
        needs_card: bool = True,
        locale: str = "auto",
    ) -> CheckoutSession:
        """A page on which the customer begins a subscription of `items`. `metadata` goes onto the subscription, too.

        `success_url` may hold `{CHECKOUT_SESSION_ID}`, which Stripe fills in. Without `needs_card` a trial asks for none.
        `trial_end` is `SHORTEST_TRIAL` from now at least.
        """
        subscription = given(metadata=dict(metadata), trial_end=None if trial_end is None else seconds(trial_end))
        if trial_end is not None:
            subscription["trial_settings"] = {"end_behavior": {"missing_payment_method": "pause"}}
        params = given(
            mode=CheckoutMode.SUBSCRIPTION.value,
            line_items=[item.as_params() for item in items],
            subscription_data=subscription,
            # Stripe takes one or the other.
            discounts=[{"promotion_code": promotion_code_id}] if promotion_code_id else None,
            allow_promotion_codes=(takes_promotion_codes and not promotion_code_id) or None,
            payment_method_collection="always" if needs_card else "if_required",
            tax_id_collection={"enabled": True} if takes_tax_id else None,
            customer_update={"name": "auto", "address": "auto"} if takes_tax_id or with_tax else None,
            automatic_tax={"enabled": True} if with_tax else None,
        )
        shared = _shared(
            customer_id=customer_id,
            success_url=success_url,
            cancel_url=cancel_url,
            reference=reference,
            metadata=metadata,
            locale=locale,
        )
        options = self._door.command(idempotency_key)
        return _session(ask(lambda: self._door.v1.checkout.sessions.create({**shared, **params}, options)))

    def create_for_card(
        self,
        *,
        customer_id: str,
        currency: str,
        success_url: str,
        cancel_url: str,
        reference: str,
        metadata: Mapping[str, str],
        idempotency_key: str,
        locale: str = "auto",
    ) -> CheckoutSession:
        """A page on which the customer leaves a card for later; what comes of it is the setup intent's payment method."""
        params = given(mode=CheckoutMode.SETUP.value, currency=currency.lower(), setup_intent_data={"metadata": dict(metadata)})
        shared = _shared(
            customer_id=customer_id,
            success_url=success_url,
            cancel_url=cancel_url,
            reference=reference,
            metadata=metadata,
            locale=locale,
        )
        options = self._door.command(idempotency_key)
        return _session(ask(lambda: self._door.v1.checkout.sessions.create({**shared, **params}, options)))

    def get(self, session_id: str) -> CheckoutSession:
        """The session, or `NoSuchObject`."""
        return _session(ask(lambda: self._door.v1.checkout.sessions.retrieve(session_id, None, self._door.reading())))

    def expire(self, session_id: str, *, idempotency_key: str) -> CheckoutSession:
        """Close a page that is still open, so that nobody pays on it any more."""
        options = self._door.command(idempotency_key)
        return _session(ask(lambda: self._door.v1.checkout.sessions.expire(session_id, None, options)))

    def open_portal(
        self,
        *,
        customer_id: str,
        return_url: str,
        idempotency_key: str,
        page: PortalPage = PortalPage.HOME,
        locale: str = "auto",
    ) -> PortalSession:
        """A visit to the portal, to send the customer to at once."""
        flow = {"type": page.value} if page is not PortalPage.HOME else None
        params = given(customer=customer_id, return_url=return_url, locale=locale, flow_data=flow)
        options = self._door.command(idempotency_key)
        made = ask(lambda: self._door.v1.billing_portal.sessions.create(params, options))
        return PortalSession(made.id, made.url, made.customer)


def _shared(
    *, customer_id: str, success_url: str, cancel_url: str, reference: str, metadata: Mapping[str, str], locale: str
) -> stripe.params.checkout.SessionCreateParams:
    return {
        "customer": customer_id,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "client_reference_id": reference,
        "metadata": dict(metadata),
        "locale": locale,
    }


def _session(made: stripe.checkout.Session) -> CheckoutSession:
    return CheckoutSession(
        id=made.id,
        url=made.url or "",
        mode=state(CheckoutMode, made.mode),
        status=state(CheckoutStatus, made.status),
        payment_status=state(PaymentStatus, made.payment_status),
        customer_id=id_of(made.customer),
        subscription_id=id_of(made.subscription),
        setup_intent_id=id_of(made.setup_intent),
        invoice_id=id_of(made.invoice),
        reference=made.client_reference_id or "",
        expires_at=instant(made.expires_at),
        metadata=metadata_of(made),
    )
