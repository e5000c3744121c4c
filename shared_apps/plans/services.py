"""Asking what the current organization's plan allows, and filling the table of plans.

Asking reads the TenantContext only: a tenant's request never touches the public schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import transaction

from kernel.locking import lock_named
from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.plans.models import Plan
from shared_apps.plans.registry import Entitlement, Limit, Switch, Value
from shared_apps.plans.rules import allows, complete
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


def has(entitlement: Switch) -> bool:
    """Whether the current organization's plan includes it."""
    return bool(_value(entitlement))


def require(entitlement: Switch) -> None:
    """Go on only when the plan includes it.

    Raises:
        NotInPlan: it does not (402).
    """
    if not has(entitlement):
        raise NotInPlan(entitlement)


def require_within_limit(entitlement: Limit, *, used: Callable[[], int], adding: int = 1) -> None:
    """Go on only when `adding` more stay within the plan's limit, also when several ask at the same moment.

    Call it inside the transaction that adds: it takes a lock on this limit of this organization, held until that
    transaction ends, and counts (`used`) behind it. The next one counts what the first has added.

    Raises:
        LimitReached: they do not (402).
    """
    limit = _value(entitlement)
    if limit is None:
        return
    lock_named(f"limit:{entitlement.code}")
    if not allows(limit, used() + adding):
        raise LimitReached(entitlement, int(limit))


def _value(entitlement: Entitlement) -> Value:
    return current_tenant().entitlements.get(entitlement.code, entitlement.default)
