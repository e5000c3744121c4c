"""How subscriptions begin: with a trial at sign-up, without a card; and for organizations from before there was billing."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from integrations.stripe import clock
from kernel.db import insert_or_none
from shared_apps.billing.models import BillingAccount, Subscription
from shared_apps.billing.services.moving import note_move
from shared_apps.billing.types import Cause, CauseKind, State
from shared_apps.plans.selectors import offer_of, paid_in
from shared_apps.plans.services import start_trial
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus

AT_ONCE: Final = 200
_NOT_BILLED: Final = (TenantStatus.PROVISIONING, TenantStatus.CLOSING, TenantStatus.ERASED)


def begin_trial(*, tenant_id: UUID, plan_code: str, now: datetime | None = None) -> datetime:
    """Put an organization on a plan, free until the returned instant, and let its subscription begin. Twice: once.

    Raises:
        PlanNotFound: there is no such plan.
    """
    with platform_scope(reason="begin trial"), transaction.atomic():
        ends_at = start_trial(tenant_id=tenant_id, plan_code=plan_code, now=now or clock.now())
        _begin(Tenant.objects.get(pk=tenant_id), State.TRIALING, Cause(CauseKind.SETUP, "sign-up"))
    return ends_at


def begin_missing(*, now: datetime | None = None) -> int:
    """Let a subscription begin for each organization in service that never had one; how many did. Twice: nobody twice.

    In trial while theirs runs, else active on what they have: nothing is charged until somebody begins to pay.
    """
    began, last = 0, None
    while part := _without_any(after=last):
        with platform_scope(reason="begin missing subscriptions"), transaction.atomic():
            for tenant in part:
                is_trial = tenant.trial_ends_at is not None and tenant.trial_ends_at > (now or clock.now())
                state = State.TRIALING if is_trial else State.ACTIVE
                began += _begin(tenant, state, Cause(CauseKind.SETUP, "set-up", "from before there was billing"))
        last = part[-1].pk
    return began


def _without_any(*, after: UUID | None) -> list[Tenant]:
    with platform_scope(reason="organizations without a subscription"):
        rows = Tenant.objects.filter(~Exists(Subscription.objects.filter(tenant_id=OuterRef("pk"))), sandbox_of=None)
        rows = rows.exclude(status__in=_NOT_BILLED)
        return list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:AT_ONCE])


def _begin(tenant: Tenant, state: State, cause: Cause) -> bool:
    if Subscription.objects.filter(tenant=tenant).exists():
        return False
    offer = offer_of(tenant.plan_code, tenant.plan_version)
    currency = (paid_in(offer.contents, tenant.currency) if offer else "") or tenant.currency
    BillingAccount.objects.get_or_create(
        tenant=tenant, defaults={"currency": currency, "name": tenant.name, "contacts": [tenant.owner_email]}
    )
    # Of two who begin at the same moment one does: there is one live subscription of an organization.
    subscription = insert_or_none(
        Subscription(
            tenant=tenant,
            state=state,
            plan_code=tenant.plan_code,
            plan_version=tenant.plan_version,
            currency=currency,
            trial_ends_at=tenant.trial_ends_at if state is State.TRIALING else None,
            began_at=clock.now(),
        )
    )
    if subscription is None:
        return False
    note_move(subscription, before=None, cause=cause)
    return True
