"""Whose use is charged, and at which customer of Stripe's. From any scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Greatest

from shared_apps.billing.models import BillingAccount, BillingCommand, Subscription
from shared_apps.billing.types import Charged, CommandKind, CommandState, State
from tenants.scope import platform_scope

_PAYING: Final = (State.ACTIVE, State.PAST_DUE, State.GRACE)


def charged_customers() -> Mapping[UUID, Charged]:
    """Every organization with a live subscription at Stripe that has once left its trial (one query).

    Since when: since it left the trial, or since the page was opened on which it began to pay, whichever was later. Time that
    is given away later changes nothing: what is used then, Stripe knows, and charges it not.
    """
    pages = BillingCommand.objects.filter(
        tenant_id=OuterRef("tenant_id"), kind=CommandKind.OPEN_CHECKOUT, state=CommandState.DONE
    )
    customer = BillingAccount.objects.filter(tenant_id=OuterRef("tenant_id")).values("stripe_customer_id")
    with platform_scope(reason="charged customers"):
        rows = (
            Subscription.objects.exclude(state=State.CANCELLED)
            .exclude(stripe_id="")
            .annotate(
                left_trial_at=Min("transitions__at", filter=Q(transitions__to_state__in=_PAYING)),
                opened_at=Subquery(pages.order_by().values("tenant_id").annotate(at=Max("settled_at")).values("at")),
                customer_id=Subquery(customer),
            )
            .exclude(left_trial_at=None)
            # Of nothing and a moment the moment is the greatest, as PostgreSQL has it.
            .annotate(since_at=Greatest("left_trial_at", "opened_at"))
            .order_by("tenant_id")
            .values_list("tenant_id", "customer_id", "since_at", "plan_code", "plan_version", "currency", "cancel_at")
        )
        return {tenant_id: Charged(customer_id, *terms) for tenant_id, customer_id, *terms in rows if customer_id}
