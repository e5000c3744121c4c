"""Whose use is charged, and at which customer of Stripe's. From any scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils.dateparse import parse_datetime

from shared_apps.billing.models import BillingAccount, BillingCommand, Subscription
from shared_apps.billing.types import Charged, CommandKind, CommandState, State
from tenants.scope import platform_scope

_PAYING: Final = (State.ACTIVE, State.PAST_DUE, State.GRACE)


def charged_customers() -> Mapping[UUID, Charged]:
    """Every organization with a live subscription at Stripe that has once left its trial (one query).

    By which plan: that in force, which another one that is only planned is not. Until when: until it is cancelled, or the
    planned one comes into force.

    Since when: since it left the trial, or since the page was opened on which it began to pay, whichever was later. Time that
    is given away later changes nothing: what is used then, Stripe knows, and charges it not.
    """
    pages = BillingCommand.objects.filter(
        tenant_id=OuterRef("tenant_id"), kind=CommandKind.OPEN_CHECKOUT, state=CommandState.DONE
    )
    customer = BillingAccount.objects.filter(tenant_id=OuterRef("tenant_id")).values("stripe_customer_id")
    with platform_scope(reason="charged customers"):
        rows = (
            _billed()
            .annotate(
                left_trial_at=Min("transitions__at", filter=Q(transitions__to_state__in=_PAYING)),
                opened_at=Subquery(pages.order_by().values("tenant_id").annotate(at=Max("settled_at")).values("at")),
                customer_id=Subquery(customer),
            )
            .exclude(left_trial_at=None)
            # Of nothing and a moment the moment is the greatest, as PostgreSQL has it.
            .annotate(since_at=Greatest("left_trial_at", "opened_at"))
            .order_by("tenant_id")
        )
        return {row.tenant_id: _charged(row) for row in rows if row.customer_id}


def is_charged(tenant_id: UUID) -> bool:
    """Whether an organization's use is charged now: it is billed at Stripe, and in no trial (one query). From any scope."""
    with platform_scope(reason="is charged"):
        return _billed().filter(tenant_id=tenant_id).exclude(state=State.TRIALING).exists()


def _billed() -> QuerySet[Subscription]:
    return Subscription.objects.exclude(state=State.CANCELLED).exclude(stripe_id="")


def _charged(row: Any) -> Charged:  # Any: a row with annotations
    until_at = row.cancel_at or parse_datetime(row.planned.get("at", ""))
    return Charged(row.customer_id, row.since_at, row.plan_code, row.plan_version, row.currency, until_at)
