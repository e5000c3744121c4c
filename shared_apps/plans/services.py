"""Asking what the current organization's plan allows, and filling the table of plans.

Asking reads the TenantContext only: a tenant's request never touches the public schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from kernel import clock
from kernel.actor import Actor
from kernel.locking import lock_named, lock_timeout
from shared_apps.plans.errors import EntitlementInvalid, LimitReached, NotInPlan
from shared_apps.plans.models import Plan
from shared_apps.plans.rules import allows, complete
from shared_apps.plans.selectors import entitlements_for, get_plan
from shared_apps.plans.types import Entitlement, Limit, Switch, Value
from tenants.models import Tenant
from tenants.registry import set_entitlements, update_tenant
from tenants.scope import current_tenant

DEFAULT_PLAN: Final = "studio"
_GIGABYTE: Final = 1024

_PLANS: Final[tuple[dict[str, object], ...]] = (
    {
        "code": "stall",
        "name": "Stall",
        "tagline": "For one person, or a few who share a counter",
        "price_minor": 1900,
        "entitlements": {"max_providers": 3, "max_services": 15, "bookings_per_month": 150, "storage_megabytes": _GIGABYTE},
    },
    {
        "code": "studio",
        "name": "Studio",
        "tagline": "For a team with a name of its own",
        "price_minor": 5900,
        "entitlements": {
            "max_providers": 25,
            "max_services": 150,
            "bookings_per_month": 2000,
            "storage_megabytes": 10 * _GIGABYTE,
            "api_requests_per_minute": 120,
            "custom_domain": True,
            "remove_branding": True,
            "api_access": True,
        },
    },
    {
        "code": "hall",
        "name": "Hall",
        "tagline": "For a university or a company with many stalls",
        "price_minor": 24900,
        "entitlements": {
            "max_providers": None,
            "max_services": None,
            "bookings_per_month": None,
            "storage_megabytes": 100 * _GIGABYTE,
            "api_requests_per_minute": 600,
            "custom_domain": True,
            "remove_branding": True,
            "api_access": True,
            "sso": True,
        },
    },
)


def load_default_plans() -> None:
    """Put the three plans into an empty table. Plans that are there stay as they are: the operator may have changed them."""
    with transaction.atomic():
        for position, fields in enumerate(_PLANS):
            values = complete(fields["entitlements"])  # type: ignore[arg-type]  # the tuple above
            rest = {key: value for key, value in fields.items() if key != "code"}
            Plan.objects.get_or_create(
                code=fields["code"], defaults=rest | {"entitlements": values, "currency": "EUR", "position": position}
            )


def start_trial(*, tenant_id: UUID, plan_code: str, now: datetime | None = None) -> datetime:
    """Put an organization on a plan, free until the returned instant. Called again, the trial does not start anew.

    Raises:
        PlanNotFound: there is no such plan.
    """
    plan = get_plan(plan_code)
    running = Tenant.objects.filter(pk=tenant_id).values_list("trial_ends_at", flat=True).first()
    ends_at = running or (now or clock.now()) + timedelta(days=plan.trial_days)
    update_tenant(tenant_id=tenant_id, plan_code=plan.code, entitlements=entitlements_for(plan.code), trial_ends_at=ends_at)
    return ends_at


def change_plan(*, actor: Actor, plan_code: str, entitlements: Mapping[str, object]) -> None:
    """Change values of a plan; every organization on it has them within seconds.

    Raises:
        PermissionDenied, PlanNotFound: not theirs to change, or not there.
        EntitlementInvalid: an unknown name, or a value of another type.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=get_plan(plan_code).pk)
        try:
            plan.entitlements = complete({**plan.entitlements, **entitlements})
        except ValueError as error:
            raise EntitlementInvalid(str(error)) from error
        plan.save(update_fields=["entitlements"])
        set_entitlements(plan_code=plan_code, entitlements=plan.entitlements)


def has(entitlement: Switch) -> bool:
    """Whether the current organization's plan includes it."""
    return bool(_value(entitlement))


def limit_of(entitlement: Limit) -> int | None:
    """How much of it the current organization's plan allows; None where it sets no limit."""
    value = _value(entitlement)
    return None if value is None else int(value)


def require(entitlement: Switch) -> None:
    """Go on only when the plan includes it.

    Raises:
        NotInPlan: it does not (402).
    """
    if not has(entitlement):
        raise NotInPlan(entitlement)


def require_within_limit(entitlement: Limit, *, used: Callable[[], int], adding: int = 1) -> int | None:
    """Go on only when `adding` more stay within the plan's limit, also when several ask at the same moment.

    Tells how many more there may be after these; None where the plan sets no limit.

    Call it inside the transaction that adds: it takes a lock on this limit of this organization, held until that
    transaction ends, and counts (`used`) behind it. The next one counts what the first has added.

    Raises:
        LimitReached: they do not (402).
        Busy: others have held the limit for too long.
    """
    limit = _value(entitlement)
    if limit is None:
        return None
    with lock_timeout():
        lock_named(f"limit:{entitlement.code}")
    after = used() + adding
    if not allows(limit, after):
        raise LimitReached(entitlement, int(limit))
    return int(limit) - after


def is_within_limit(entitlement: Limit, *, used: Callable[[], int], adding: int = 1) -> bool:
    """Whether `adding` more would stay within the plan's limit right now; no lock, so it may be otherwise in a moment."""
    limit = _value(entitlement)
    return limit is None or allows(limit, used() + adding)


def _value(entitlement: Entitlement) -> Value:
    return current_tenant().entitlements.get(entitlement.code, entitlement.default)
