"""Cards and what was charged to them. Numbers never come here: a page of Stripe's takes them, we keep its ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.gateway.customers import Customer, Customers
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.reading import given, id_of, instant, metadata_of, money, state
from kernel.money import Money


class IntentStatus(StrEnum):
    """How far a payment, or the setting up of a card, has come."""

    NEEDS_METHOD = "requires_payment_method"
    NEEDS_CONFIRMATION = "requires_confirmation"
    NEEDS_ACTION = "requires_action"
    NEEDS_CAPTURE = "requires_capture"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    APPEAL_NEEDS_RESPONSE = "appeal_needs_response"
    APPEAL_UNDER_REVIEW = "appeal_under_review"
    LOST = "lost"
    NEEDS_RESPONSE = "needs_response"
    PREVENTED = "prevented"
    UNDER_REVIEW = "under_review"
    WARNING_CLOSED = "warning_closed"
    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WON = "won"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A card, or another way to pay, as far as one may show it."""

    id: str
    kind: str
    customer_id: str
    brand: str
    last4: str
    expires_month: int | None
    expires_year: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SetupIntent:
    """The setting up of a card. `client_secret` is for the owner's own browser alone: never in a log, a mail or an address."""

    id: str
    status: IntentStatus
    customer_id: str
    payment_method_id: str
    client_secret: str = field(repr=False)
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """One payment, over all its tries. `decline_code` is that of the last one, empty when it went well."""

    id: str
    status: IntentStatus
    amount: Money
    received: Money
    customer_id: str
    payment_method_id: str
    latest_charge_id: str
    decline_code: str
    client_secret: str = field(repr=False)
    metadata: Mapping[str, str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """One try to take money, and what of it was given back."""

    id: str
    amount: Money
    refunded: Money
    is_paid: bool
    is_disputed: bool
    customer_id: str
    payment_intent_id: str
    failure_code: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """The card's owner denies a charge: its money is gone until it is won. `fee` is what Stripe takes for it."""

    id: str
    status: DisputeStatus
    amount: Money
    fee: Money | None
    reason: str
    charge_id: str
    payment_intent_id: str
    created_at: datetime


class Payments:
    """Commands and questions about cards, payments and disputes."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create_setup_intent(self, *, customer_id: str, metadata: Mapping[str, str], idempotency_key: str) -> SetupIntent:
        """For the Payment Element on a page of ours: a card for payments that nobody watches."""
        params = given(customer=customer_id, usage="off_session", metadata=dict(metadata))
        params["automatic_payment_methods"] = {"enabled": True}
        options = self._door.command(idempotency_key)
        return _setup_intent(ask(lambda: self._door.v1.setup_intents.create(params, options)))

    def get_setup_intent(self, setup_intent_id: str) -> SetupIntent:
        """The setup intent, or `NoSuchObject`."""
        return _setup_intent(ask(lambda: self._door.v1.setup_intents.retrieve(setup_intent_id, None, self._door.reading())))

    def methods(self, customer_id: str) -> list[PaymentMethod]:
        """The customer's cards, the newest first."""
        service = self._door.v1.customers.payment_methods

        def all_of_them() -> list[stripe.PaymentMethod]:
            return list(service.list(customer_id, {"limit": 100}, self._door.reading()).auto_paging_iter())

        return [_method(each) for each in ask(all_of_them)]

    def get_method(self, payment_method_id: str) -> PaymentMethod:
        """The card, also one that is detached, or `NoSuchObject`."""
        return _method(ask(lambda: self._door.v1.payment_methods.retrieve(payment_method_id, None, self._door.reading())))

    def detach(self, payment_method_id: str, *, idempotency_key: str) -> PaymentMethod:
        """Take a card away from its customer, for good."""
        options = self._door.command(idempotency_key)
        return _method(ask(lambda: self._door.v1.payment_methods.detach(payment_method_id, None, options)))

    def make_default(self, customer_id: str, *, payment_method_id: str, idempotency_key: str) -> Customer:
        """Pay invoices from this card from now on."""
        return Customers(self._door).update(
            customer_id, default_payment_method_id=payment_method_id, idempotency_key=idempotency_key
        )

    def get_intent(self, payment_intent_id: str) -> PaymentIntent:
        """The payment, or `NoSuchObject`."""
        return _payment_intent(
            ask(lambda: self._door.v1.payment_intents.retrieve(payment_intent_id, None, self._door.reading()))
        )

    def get_charge(self, charge_id: str) -> Charge:
        """The charge, or `NoSuchObject`."""
        return _charge(ask(lambda: self._door.v1.charges.retrieve(charge_id, None, self._door.reading())))

    def get_dispute(self, dispute_id: str) -> Dispute:
        """The dispute, or `NoSuchObject`."""
        return read_dispute(ask(lambda: self._door.v1.disputes.retrieve(dispute_id, None, self._door.reading())))

    def charges(self, *, customer_id: str) -> list[Charge]:
        """Every try to take money from the customer, the newest first: what a reconciler counts."""
        params = given(limit=100, customer=customer_id)

        def all_of_them() -> list[stripe.Charge]:
            return list(self._door.v1.charges.list(params, self._door.reading()).auto_paging_iter())

        return [_charge(each) for each in ask(all_of_them)]


def _setup_intent(made: stripe.SetupIntent) -> SetupIntent:
    return SetupIntent(
        id=made.id,
        status=state(IntentStatus, made.status),
        customer_id=id_of(made.customer),
        payment_method_id=id_of(made.payment_method),
        client_secret=made.client_secret or "",
        metadata=metadata_of(made),
    )


def _method(made: stripe.PaymentMethod) -> PaymentMethod:
    card: stripe.PaymentMethod.Card | None = getattr(made, "card", None)
    return PaymentMethod(
        id=made.id,
        kind=made.type,
        customer_id=id_of(made.customer),
        brand=card.brand if card else "",
        last4=card.last4 if card else "",
        expires_month=card.exp_month if card else None,
        expires_year=card.exp_year if card else None,
        created_at=instant(made.created),
    )


def _payment_intent(made: stripe.PaymentIntent) -> PaymentIntent:
    error = made.last_payment_error
    return PaymentIntent(
        id=made.id,
        status=state(IntentStatus, made.status),
        amount=money(made.amount, made.currency),
        received=money(made.amount_received, made.currency),
        customer_id=id_of(made.customer),
        payment_method_id=id_of(made.payment_method),
        latest_charge_id=id_of(made.latest_charge),
        decline_code=(getattr(error, "decline_code", None) or getattr(error, "code", None) or "") if error else "",
        client_secret=made.client_secret or "",
        metadata=metadata_of(made),
        created_at=instant(made.created),
    )


def _charge(made: stripe.Charge) -> Charge:
    return Charge(
        id=made.id,
        amount=money(made.amount, made.currency),
        refunded=money(made.amount_refunded, made.currency),
        is_paid=made.paid,
        is_disputed=made.disputed,
        customer_id=id_of(made.customer),
        payment_intent_id=id_of(made.payment_intent),
        failure_code=made.failure_code or "",
        created_at=instant(made.created),
    )


def read_dispute(made: stripe.Dispute) -> Dispute:
    """`made` as ours."""
    return Dispute(
        id=made.id,
        status=state(DisputeStatus, made.status),
        amount=money(made.amount, made.currency),
        fee=_fee(made.balance_transactions or ()),
        reason=made.reason,
        charge_id=id_of(made.charge),
        payment_intent_id=id_of(made.payment_intent),
        created_at=instant(made.created),
    )


def _fee(taken: Sequence[stripe.BalanceTransaction]) -> Money | None:
    """What Stripe kept of it all, less what it gave back when the dispute was won; all of them are of one balance."""
    return money(sum(each.fee for each in taken), taken[0].currency) if taken else None
