"""Commands and questions about subscriptions: begin, change, preview, pause, cancel and come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import stripe

from integrations.stripe.asking import ask
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.invoice import Invoice, read_invoice
from integrations.stripe.gateway.reading import given, seconds
from integrations.stripe.gateway.subscription import (
    IfUnpaid,
    ItemChange,
    PauseBehavior,
    Proration,
    Subscription,
    read_subscription,
)


class Subscriptions:
    """All commands give back the subscription as it is afterwards."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(
        self,
        *,
        customer_id: str,
        items: Sequence[ItemChange],
        metadata: Mapping[str, str],
        idempotency_key: str,
        trial_end: datetime | None = None,
        promotion_code_id: str = "",
        coupon_id: str = "",
        payment_method_id: str = "",
        days_until_due: int | None = None,
        if_unpaid: IfUnpaid = IfUnpaid.CHANGE_ANYWAY,
        with_tax: bool = False,
    ) -> Subscription:
        """Begin one. With `days_until_due` its invoices are sent instead of collected.

        A trial that ends without a card pauses the subscription; a first invoice that is not paid leaves it incomplete.
        """
        is_sent = days_until_due is not None
        params = given(
            customer=customer_id,
            items=[item.as_params() for item in items],
            metadata=dict(metadata),
            trial_end=None if trial_end is None else seconds(trial_end),
            trial_settings=None if trial_end is None else {"end_behavior": {"missing_payment_method": "pause"}},
            discounts=_discounts(promotion_code_id, coupon_id),
            default_payment_method=payment_method_id or None,
            collection_method="send_invoice" if is_sent else "charge_automatically",
            days_until_due=days_until_due,
            payment_behavior=None if is_sent else if_unpaid.value,
            payment_settings={"save_default_payment_method": "on_subscription"},
            automatic_tax={"enabled": True} if with_tax else None,
        )
        options = self._door.command(idempotency_key)
        return read_subscription(ask(lambda: self._door.v1.subscriptions.create(params, options)))

    def get(self, subscription_id: str) -> Subscription:
        """The subscription, also a cancelled one, or `NoSuchObject`."""
        return read_subscription(ask(lambda: self._door.v1.subscriptions.retrieve(subscription_id, None, self._door.reading())))

    def all(self, *, customer_id: str = "", created_from: datetime | None = None) -> list[Subscription]:
        """Those that fit, cancelled ones too, the newest first."""
        params = given(
            limit=100,
            status="all",
            customer=customer_id or None,
            created=None if created_from is None else {"gte": seconds(created_from)},
        )

        def all_of_them() -> list[stripe.Subscription]:
            return list(self._door.v1.subscriptions.list(params, self._door.reading()).auto_paging_iter())

        return [read_subscription(each) for each in ask(all_of_them)]

    def change_items(
        self,
        subscription_id: str,
        *,
        changes: Sequence[ItemChange],
        proration: Proration,
        idempotency_key: str,
        prorated_at: datetime | None = None,
        if_unpaid: IfUnpaid = IfUnpaid.REFUSE,
        metadata: Mapping[str, str] | None = None,
    ) -> Subscription:
        """Other prices or quantities. `prorated_at` is that of the preview, so that the owner pays what they saw."""
        params = given(
            items=[change.as_params() for change in changes],
            proration_behavior=proration.value,
            proration_date=None if prorated_at is None else seconds(prorated_at),
            payment_behavior=if_unpaid.value,
            metadata=None if metadata is None else dict(metadata),
        )
        return self._update(subscription_id, params, idempotency_key)

    def preview(
        self,
        *,
        customer_id: str,
        changes: Sequence[ItemChange],
        subscription_id: str = "",
        proration: Proration = Proration.INVOICE_NOW,
        prorated_at: datetime | None = None,
        trial_end: datetime | None = None,
        promotion_code_id: str = "",
        currency: str = "",
        with_tax: bool = False,
    ) -> Invoice:
        """The next invoice as it would be after `changes`, to the smallest unit; nothing changes. It has no id.

        With `Proration.INVOICE_NOW` that is the invoice of the change itself; with `ON_NEXT_INVOICE` that of the next period.
        """
        details = given(
            items=[change.as_params() for change in changes],
            proration_behavior=proration.value if subscription_id else None,
            proration_date=None if prorated_at is None else seconds(prorated_at),
            trial_end=None if trial_end is None else seconds(trial_end),
        )
        params = given(
            customer=customer_id,
            subscription=subscription_id or None,
            subscription_details=details,
            discounts=_discounts(promotion_code_id, ""),
            currency=currency.lower() or None,
            automatic_tax={"enabled": True} if with_tax else None,
        )
        made = ask(lambda: self._door.v1.invoices.create_preview(params, self._door.reading()))
        return read_invoice(made, made.lines.data)

    def cancel_now(
        self, subscription_id: str, *, idempotency_key: str, comment: str = "", gives_back_rest: bool = False
    ) -> Subscription:
        """End it at once. With `gives_back_rest` the unused time becomes a credit on a last invoice."""
        params = given(
            invoice_now=gives_back_rest or None,
            prorate=gives_back_rest or None,
            cancellation_details={"comment": comment} if comment else None,
        )
        options = self._door.command(idempotency_key)
        return read_subscription(ask(lambda: self._door.v1.subscriptions.cancel(subscription_id, params, options)))

    def cancel_at_period_end(self, subscription_id: str, *, idempotency_key: str, comment: str = "") -> Subscription:
        """Let it run out."""
        details = {"comment": comment} if comment else None
        params = given(cancel_at_period_end=True, cancellation_details=details)
        return self._update(subscription_id, params, idempotency_key)

    def withdraw_cancellation(self, subscription_id: str, *, idempotency_key: str) -> Subscription:
        """The way back, for as long as the period runs."""
        return self._update(subscription_id, {"cancel_at_period_end": False}, idempotency_key)

    def pause_collection(
        self,
        subscription_id: str,
        *,
        behavior: PauseBehavior,
        idempotency_key: str,
        until: datetime | None = None,
    ) -> Subscription:
        """Go on making invoices, but collect none: they become what `behavior` says."""
        pause = given(behavior=behavior.value, resumes_at=None if until is None else seconds(until))
        return self._update(subscription_id, {"pause_collection": pause}, idempotency_key)

    def resume_collection(self, subscription_id: str, *, idempotency_key: str) -> Subscription:
        """Collect again, from the next invoice on."""
        return self._update(subscription_id, {"pause_collection": ""}, idempotency_key)

    def resume(self, subscription_id: str, *, idempotency_key: str) -> Subscription:
        """Wake one whose trial ended without a card (status paused): a new period begins now."""
        params: stripe.params.SubscriptionResumeParams = {"billing_cycle_anchor": {"type": "now"}}
        options = self._door.command(idempotency_key)
        return read_subscription(ask(lambda: self._door.v1.subscriptions.resume(subscription_id, params, options)))

    def set_trial_end(self, subscription_id: str, *, trial_end: datetime | None, idempotency_key: str) -> Subscription:
        """Give time away until `trial_end`, which becomes the new anchor; None ends a trial now and bills at once."""
        moment: int | str = "now" if trial_end is None else seconds(trial_end)
        params = {"trial_end": moment, "proration_behavior": "none"}
        return self._update(subscription_id, params, idempotency_key)

    def set_payment_method(self, subscription_id: str, *, payment_method_id: str, idempotency_key: str) -> Subscription:
        """Pay it from this card; from the customer's own when empty."""
        return self._update(subscription_id, {"default_payment_method": payment_method_id}, idempotency_key)

    def _update(self, subscription_id: str, params: Any, idempotency_key: str) -> Subscription:  # Any: the library's type
        options = self._door.command(idempotency_key)
        return read_subscription(ask(lambda: self._door.v1.subscriptions.update(subscription_id, params, options)))


def _discounts(promotion_code_id: str, coupon_id: str) -> list[dict[str, str]] | None:
    if promotion_code_id:
        return [{"promotion_code": promotion_code_id}]
    return [{"coupon": coupon_id}] if coupon_id else None
