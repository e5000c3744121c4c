"""What an organization pays for its plan, and what the larger ones cost and have."""

from __future__ import annotations

from dataclasses import replace

from shared_apps.plans.rules.comparing import differences
from shared_apps.plans.rules.pricing import paid_in
from shared_apps.plans.selectors.catalogue import offers
from shared_apps.plans.selectors.held import offer_of
from shared_apps.plans.types import Difference, Interval, LargerPlan, Offer, PlanStanding
from tenants.context import TenantContext
from tenants.scope import platform_scope


def standing_of(tenant: TenantContext) -> PlanStanding | None:
    """What the organization pays for the version that it is on; None where that is gone. In its currency, if it can be."""
    offer = offer_of(tenant.plan, tenant.plan_version)
    return None if offer is None else _standing(offer, tenant.currency)


def larger_plans(tenant: TenantContext) -> list[LargerPlan]:
    """The other plans on offer that cost more, each with what it has beyond what the organization's version has."""
    with platform_scope(reason="larger plans"):
        offered = offers()
    own = offer_of(tenant.plan, tenant.plan_version)
    if own is None:
        return []
    paid = _standing(own, tenant.currency)
    larger = [LargerPlan(_standing(offer, tenant.currency), _gains(own, offer, tenant.locale)) for offer in offered]
    return [one for one in larger if one.standing.code != tenant.plan and _is_dearer(one.standing, paid)]


def _standing(offer: Offer, wanted: str) -> PlanStanding:
    currency = paid_in(offer.contents, wanted)
    by_month, by_year = (offer.contents.price(currency, interval) for interval in Interval) if currency else (None, None)
    return PlanStanding(offer.plan.code, offer.plan.name, offer.plan.tagline, by_month, by_year)


def _is_dearer(other: PlanStanding, own: PlanStanding) -> bool:
    if other.by_month is None or own.by_month is None or other.by_month.currency != own.by_month.currency:
        return True
    return other.by_month > own.by_month


def _gains(own: Offer, other: Offer, locale: str) -> list[Difference]:
    """What it says otherwise of what one gets; not of what it costs."""
    same_price = replace(other.contents, prices=own.contents.prices, trial_days=own.contents.trial_days)
    return differences(own.contents, same_price, locale=locale)
