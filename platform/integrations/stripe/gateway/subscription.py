"""What a subscription is to us: frozen, with its items, and the words for how it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import stripe

from integrations.stripe.gateway.invoice import Collection
from integrations.stripe.gateway.reading import id_of, instant, instant_or_none, metadata_of, state


class SubscriptionStatus(StrEnum):
    """Where a subscription stands at Stripe. Ours is another machine, in shared_apps.billing."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"


class Proration(StrEnum):
    """What becomes of the rest of a period when an item changes within it."""

    NONE = "none"
    ON_NEXT_INVOICE = "create_prorations"
    INVOICE_NOW = "always_invoice"


class IfUnpaid(StrEnum):
    """What happens to a change whose payment fails at once."""

    REFUSE = "error_if_incomplete"
    """Nothing changes; the command raises `CardDeclined` or `AuthenticationNeeded`."""
    CHANGE_ANYWAY = "allow_incomplete"
    """It changes, and the subscription is incomplete or past due until the invoice is paid."""


class PauseBehavior(StrEnum):
    """What becomes of the invoices of a subscription that is not collected."""

    KEEP_AS_DRAFT = "keep_as_draft"
    MARK_UNCOLLECTIBLE = "mark_uncollectible"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """One price of a subscription; `quantity` is None where a meter counts."""

    id: str
    price_id: str
    product_id: str
    quantity: int | None
    period_start: datetime
    period_end: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What is to become of one item: a new one without `item_id`, gone with `is_removed`; what is None stays."""

    item_id: str = ""
    price_id: str | None = None
    quantity: int | None = None
    is_removed: bool = False

    def as_params(self) -> dict[str, object]:
        """For Stripe."""
        if self.is_removed:
            return {"id": self.item_id, "deleted": True}
        wanted = {"id": self.item_id or None, "price": self.price_id, "quantity": self.quantity}
        return {name: value for name, value in wanted.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. The period is that of its items: from the earliest start to the earliest end."""

    id: str
    customer_id: str
    status: SubscriptionStatus
    currency: str
    items: tuple[SubscriptionItem, ...]
    period_start: datetime
    period_end: datetime
    collection: Collection
    default_payment_method_id: str
    latest_invoice_id: str
    pending_setup_intent_id: str
    trial_start: datetime | None
    trial_end: datetime | None
    is_cancelled_at_period_end: bool
    cancel_at: datetime | None
    cancelled_at: datetime | None
    ended_at: datetime | None
    cancellation_reason: str
    # What a person wrote about it, on our pages or on Stripe's.
    cancellation_comment: str
    pause: PauseBehavior | None
    pause_ends_at: datetime | None
    discount_ids: tuple[str, ...]
    created_at: datetime
    metadata: Mapping[str, str]


def read_subscription(made: stripe.Subscription) -> Subscription:
    """`made` as ours."""
    items = tuple(_item(each) for each in made.items.data)
    pause = made.pause_collection
    details = made.cancellation_details
    return Subscription(
        id=made.id,
        customer_id=id_of(made.customer),
        status=state(SubscriptionStatus, made.status),
        currency=made.currency.upper(),
        items=items,
        period_start=min((item.period_start for item in items), default=instant(made.start_date)),
        period_end=min((item.period_end for item in items), default=instant(made.start_date)),
        collection=state(Collection, made.collection_method),
        default_payment_method_id=id_of(made.default_payment_method),
        latest_invoice_id=id_of(made.latest_invoice),
        pending_setup_intent_id=id_of(made.pending_setup_intent),
        trial_start=instant_or_none(made.trial_start),
        trial_end=instant_or_none(made.trial_end),
        is_cancelled_at_period_end=made.cancel_at_period_end,
        cancel_at=instant_or_none(made.cancel_at),
        cancelled_at=instant_or_none(made.canceled_at),
        ended_at=instant_or_none(made.ended_at),
        cancellation_reason=(details.reason or "") if details else "",
        cancellation_comment=(details.comment or "") if details else "",
        pause=state(PauseBehavior, pause.behavior) if pause else None,
        pause_ends_at=instant_or_none(pause.resumes_at) if pause else None,
        discount_ids=tuple(id_of(each) for each in made.discounts),
        created_at=instant(made.created),
        metadata=metadata_of(made),
    )


def _item(made: stripe.SubscriptionItem) -> SubscriptionItem:
    return SubscriptionItem(
        id=made.id,
        price_id=made.price.id,
        product_id=id_of(made.price.product),
        quantity=getattr(made, "quantity", None),
        period_start=instant(made.current_period_start),
        period_end=instant(made.current_period_end),
        metadata=metadata_of(made),
    )
