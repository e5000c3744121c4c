"""What Stripe should have of the catalogue, and what is known of what it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from shared_apps.plans.models import Plan, PlanVersion, StripeLink, TenantAddOn
from shared_apps.plans.rules.stripe import Wanted, wanted_beyond, wanted_prices, wanted_product
from shared_apps.plans.selectors.catalogue import contents_of, with_parts
from shared_apps.plans.types import Interval, PlanKind, StripeKind
from tenants.models import Tenant

_PARTS: Final = 4
_METERED_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class PriceName:
    """A price of ours, by what it is the price of; `quota` is empty but for what is sold beyond one."""

    plan_code: str
    number: int
    currency: str
    interval: Interval
    is_add_on: bool
    quota: str = ""


def wanted_at_stripe() -> list[Wanted]:
    """A product for each plan and add-on of which something was published, and the prices of every version in use.

    In use is what newcomers get, and what somebody is still on (seven queries).
    """
    plans = Plan.objects.exclude(current=None).order_by("position", "code")
    found = [wanted_product(plan.code, plan.name, is_offered=plan.is_offered) for plan in plans]
    for version in _in_use():
        found += wanted_prices(version.plan.code, version.number, contents_of(version))
    quotas = sorted({str(one.facts["meter"]) for one in found if one.facts.get("meter")})
    return found + [wanted_beyond(quota) for quota in quotas]


def links_of(plan: Plan) -> list[StripeLink]:
    """What Stripe has of a plan, products before prices, as of the last look (one query)."""
    return list(
        StripeLink.objects.filter(Q(ours=plan.code) | Q(ours__startswith=f"{plan.code}/")).order_by("-kind", "ours")
    )  # fmt: skip


def _in_use() -> list[PlanVersion]:
    standing = set(Tenant.objects.order_by().values_list("plan_code", "plan_version").distinct())
    held = set(TenantAddOn.objects.order_by().values_list("version_id", flat=True).distinct())
    versions = with_parts().exclude(published_at=None).select_related("plan").order_by("plan__position", "number")
    return [
        version
        for version in versions
        if version.pk in held or version.pk == version.plan.current_id or (version.plan.code, version.number) in standing
    ]


def price_id_of(plan_code: str, number: int, currency: str, interval: Interval) -> str:
    """Stripe's id of a price of ours; empty where Stripe has none yet (one query)."""
    name = f"{plan_code}/{number}/{currency}/{interval}"
    found = StripeLink.objects.filter(kind=StripeKind.PRICE, ours=name).values_list("stripe_id", flat=True).first()
    return found or ""


def metered_price_ids(plan_code: str, number: int, currency: str, interval: Interval) -> Sequence[str] | None:
    """Stripe's ids of the prices of what a version sells beyond its quotas; None where it lacks one yet (five queries)."""
    version = with_parts().filter(plan__code=plan_code, number=number).first()
    if version is None:
        return ()
    wanted = [
        one.ours
        for one in wanted_prices(plan_code, number, contents_of(version))
        if one.facts["meter"] and (one.facts["currency"], one.facts["interval"]) == (currency, interval.value)
    ]
    links = StripeLink.objects.filter(kind=StripeKind.PRICE, ours__in=wanted)
    found = dict(links.values_list("ours", "stripe_id"))
    return [found[ours] for ours in wanted] if len(found) == len(wanted) else None


def prices_by_id(stripe_ids: Collection[str]) -> Mapping[str, PriceName]:
    """Which of our prices these are; those that are none of ours are left out (two queries)."""
    rows = StripeLink.objects.filter(kind=StripeKind.PRICE, stripe_id__in=stripe_ids).values_list("stripe_id", "ours")
    named = {stripe_id: ours.split("/") for stripe_id, ours in rows}
    add_ons = set(Plan.objects.filter(kind=PlanKind.ADD_ON).values_list("code", flat=True))
    return {stripe_id: _name(parts, add_ons) for stripe_id, parts in named.items() if len(parts) in (_PARTS, _METERED_PARTS)}


def _name(parts: Sequence[str], add_ons: Collection[str]) -> PriceName:
    *_rest, currency, interval = parts
    quota = parts[2] if len(parts) == _METERED_PARTS else ""
    return PriceName(parts[0], int(parts[1]), currency, Interval(interval), parts[0] in add_ons, quota)
