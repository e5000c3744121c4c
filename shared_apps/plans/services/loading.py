"""Filling an empty catalogue: three plans, two add-ons, each with its first version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction

from shared_apps.plans.models import Plan, PlanVersion
from shared_apps.plans.rules import checked, complete
from shared_apps.plans.services.drafting import write_contents
from shared_apps.plans.services.publishing import publish_version
from shared_apps.plans.types import (
    AI_TOKENS_PER_MONTH,
    API_ACCESS,
    API_CALLS_PER_MONTH,
    API_REQUESTS_PER_MINUTE,
    BOOKINGS_PER_MONTH,
    CUSTOM_DOMAIN,
    MAILS_PER_MONTH,
    MAX_DOMAINS,
    MAX_PROVIDERS,
    MAX_SERVICES,
    REMOVE_BRANDING,
    SSO,
    STORAGE_MEGABYTES,
    Entitlement,
    Interval,
    PlanKind,
    Value,
    VersionContents,
)

DEFAULT_PLAN: Final = "studio"
_GIGABYTE: Final = 1024
_MONTHS_PAID: Final = 10
"""Of the twelve, where a year is paid at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What is put into the catalogue. `monthly` has minor units by currency."""

    code: str
    name: str
    tagline: str
    monthly: Mapping[str, int]
    gives: Mapping[Entitlement, Value]
    kind: PlanKind = PlanKind.PLAN
    trial_days: int = field(default=14)


_SHAPES: Final = (
    _Shape(
        code="stall",
        name="Stall",
        tagline="For one person, or a few who share a counter",
        monthly={"EUR": 1900, "GBP": 1700, "USD": 1900},
        gives={
            MAX_PROVIDERS: 3,
            MAX_SERVICES: 15,
            BOOKINGS_PER_MONTH: 150,
            STORAGE_MEGABYTES: _GIGABYTE,
            MAILS_PER_MONTH: 2000,
            AI_TOKENS_PER_MONTH: 100_000,
            MAX_DOMAINS: 0,
        },
    ),
    _Shape(
        code="studio",
        name="Studio",
        tagline="For a team with a name of its own",
        monthly={"EUR": 5900, "GBP": 5100, "USD": 5900},
        gives={
            MAX_PROVIDERS: 25,
            MAX_SERVICES: 150,
            BOOKINGS_PER_MONTH: 2000,
            STORAGE_MEGABYTES: 10 * _GIGABYTE,
            MAILS_PER_MONTH: 20_000,
            API_CALLS_PER_MONTH: 500_000,
            AI_TOKENS_PER_MONTH: 1_000_000,
            API_REQUESTS_PER_MINUTE: 120,
            MAX_DOMAINS: 3,
            CUSTOM_DOMAIN: True,
            REMOVE_BRANDING: True,
            API_ACCESS: True,
        },
    ),
    _Shape(
        code="hall",
        name="Hall",
        tagline="For a university or a company with many stalls",
        monthly={"EUR": 24900, "GBP": 21900, "USD": 24900},
        gives={
            MAX_PROVIDERS: None,
            MAX_SERVICES: None,
            BOOKINGS_PER_MONTH: None,
            STORAGE_MEGABYTES: 100 * _GIGABYTE,
            MAILS_PER_MONTH: None,
            API_CALLS_PER_MONTH: None,
            AI_TOKENS_PER_MONTH: 10_000_000,
            API_REQUESTS_PER_MINUTE: 600,
            MAX_DOMAINS: None,
            CUSTOM_DOMAIN: True,
            REMOVE_BRANDING: True,
            API_ACCESS: True,
            SSO: True,
        },
    ),
    _Shape(
        code="extra-provider",
        name="One more provider",
        tagline="Room for another person who offers services",
        monthly={"EUR": 400, "GBP": 350, "USD": 400},
        gives={MAX_PROVIDERS: 1},
        kind=PlanKind.ADD_ON,
        trial_days=0,
    ),
    _Shape(
        code="extra-domain",
        name="One more domain",
        tagline="Another address of your own, with its certificate",
        monthly={"EUR": 300, "GBP": 250, "USD": 300},
        gives={MAX_DOMAINS: 1},
        kind=PlanKind.ADD_ON,
        trial_days=0,
    ),
)


def load_default_plans() -> None:
    """Put the three plans and two add-ons into an empty table. Who is there stays: an operator may have changed it."""
    with transaction.atomic():
        for position, shape in enumerate(_SHAPES):
            plan, is_new = Plan.objects.get_or_create(code=shape.code, defaults=_columns(shape, position))
            # The code before versions may have made it, while this one was on its way.
            if is_new or not PlanVersion.objects.filter(plan=plan).exists():
                contents = _contents(shape) if is_new else _of_columns(plan)
                draft = PlanVersion.objects.create(plan=plan, number=1)
                write_contents(draft, contents)
                publish_version(draft, contents)


def _columns(shape: _Shape, position: int) -> dict[str, object]:
    return {
        "name": shape.name,
        "tagline": shape.tagline,
        "kind": shape.kind,
        "position": position,
        # Written with the version: `publish_version`.
        "price_minor": 0,
        "currency": "EUR",
    }


def _contents(shape: _Shape) -> VersionContents:
    gives = {entitlement.code: value for entitlement, value in shape.gives.items()}
    by_month = {(currency, Interval.MONTH): amount for currency, amount in shape.monthly.items()}
    by_year = {(currency, Interval.YEAR): amount * _MONTHS_PAID for currency, amount in shape.monthly.items()}
    return VersionContents(
        entitlements=complete(gives) if shape.kind is PlanKind.PLAN else checked(gives),
        trial_days=shape.trial_days,
        prices=by_month | by_year,
    )


def _of_columns(plan: Plan) -> VersionContents:
    return VersionContents(
        entitlements=checked(plan.entitlements),
        trial_days=plan.trial_days,
        prices={(plan.currency, Interval.MONTH): plan.price_minor},
    )
