<<<<<<< HEAD
"""What a set of entitlements allows; pure."""
=======
"""From what a plan says to what holds, and the plans that an installation begins with. Pure."""
>>>>>>> provisioning

from __future__ import annotations

from collections.abc import Mapping
<<<<<<< HEAD

from shared_apps.plans.registry import ENTITLEMENTS, Limit, Switch, Value


def complete(values: Mapping[str, object]) -> dict[str, Value]:
    """`values` checked against the registry, with the default of everything they do not name.

    Raises:
        ValueError: a name that the registry does not know, or a value of another type.
    """
    unknown = set(values) - set(ENTITLEMENTS)
    if unknown:
        raise ValueError(f"No such entitlement: {', '.join(sorted(unknown))}.")
    return {code: _checked(code, values) for code in ENTITLEMENTS}


def allows(limit: Value, count: int) -> bool:
    """Whether `count` of something stays within `limit`."""
    return limit is None or count <= limit


def _checked(code: str, values: Mapping[str, object]) -> Value:
    entitlement = ENTITLEMENTS[code]
    match entitlement, values.get(code, entitlement.default):
        case Switch(), bool() as switch:
            return switch
        case Limit(), None:
            return None
        case Limit(), int() as limit if not isinstance(limit, bool) and limit >= 0:
            return limit
        case _, wrong:
            raise ValueError(f"{code} cannot be {wrong!r}.")
=======
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from shared_apps.plans.errors import EntitlementInvalid
from shared_apps.plans.registry import ENTITLEMENTS, Value

TRIAL_DAYS: Final = 14
DEFAULT_PLAN: Final = "studio"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A plan as it is first written to the database; from then on the operator's row counts."""

    code: str
    name: str
    tagline: str
    price_minor: int
    currency: str = "USD"
    entitlements: Mapping[str, Value] = field(default_factory=dict)


DEFAULT_PLANS: Final = (
    PlanDraft(
        code="starter",
        name="Starter",
        tagline="For a handful of people with a calendar each.",
        price_minor=2900,
        entitlements={"max_providers": 5, "max_services": 25, "bookings_per_month": 150, "storage_mb": 500},
    ),
    PlanDraft(
        code="studio",
        name="Studio",
        tagline="For a team that works under its own name.",
        price_minor=7900,
        entitlements={
            "max_providers": 25,
            "max_services": 200,
            "bookings_per_month": 2000,
            "storage_mb": 5000,
            "custom_domain": True,
            "remove_branding": True,
            "api_access": True,
        },
    ),
    PlanDraft(
        code="campus",
        name="Campus",
        tagline="For universities and groups with many of everything.",
        price_minor=29900,
        entitlements={
            "max_providers": None,
            "max_services": None,
            "bookings_per_month": None,
            "storage_mb": 50_000,
            "custom_domain": True,
            "remove_branding": True,
            "api_access": True,
            "sso": True,
        },
    ),
)


def complete(values: Mapping[str, Any]) -> dict[str, Value]:  # Any: JSON of a plan's row
    """A value for every entitlement there is: the plan's own where it has a proper one, else the default."""
    return {
        name: values[name] if name in values and entitlement.accepts(values[name]) else entitlement.default
        for name, entitlement in ENTITLEMENTS.items()
    }


def check_values(values: Mapping[str, Any]) -> None:  # Any: what a person or a program sent
    """Refuse values that no plan may have.

    Raises:
        EntitlementInvalid: an unknown name, or a value of the wrong type; blames it.
    """
    for name, value in values.items():
        entitlement = ENTITLEMENTS.get(name)
        if entitlement is None:
            raise EntitlementInvalid(_("There is no entitlement “%(name)s”.") % {"name": name}, field=name)
        if not entitlement.accepts(value):
            raise EntitlementInvalid(
                _("“%(label)s” cannot be %(value)r.") % {"label": entitlement.label, "value": value}, field=name
            )
>>>>>>> provisioning
