"""What Stripe should have of the catalogue, and what is known of what it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from shared_apps.plans.models import Plan, PlanVersion, StripeLink, TenantAddOn
from shared_apps.plans.rules.comparing import drift_words, name_at_stripe
from shared_apps.plans.rules.stripe import Wanted, wanted_beyond, wanted_prices, wanted_product
from shared_apps.plans.selectors.catalogue import contents_of, with_parts
from shared_apps.plans.types import Interval, PlanKind, StripeKind
from tenants.models import Tenant
from tenants.types import TenantStatus

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


@dataclass(frozen=True, slots=True)
class LineAtStripe:
    """An object that Stripe has, or should have; `stripe_id` is empty where it was never made. `drift` as of `synced_at`."""

    kind: StripeKind
    ours: str
    stripe_id: str = ""
    synced_at: datetime | None = None
    drift: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return name_at_stripe(self.ours)

    @property
    def words(self) -> str:
        """In what it differs, for people; empty where in nothing that is known."""
        facts = self.drift if self.stripe_id else ("missing",)
        return ", ".join(drift_words(fact) for fact in facts)


def wanted_at_stripe() -> list[Wanted]:
    """A product for each plan and add-on of which something was published, and the prices of every version in use.

    In use is what newcomers get, and what somebody is still on. A plan that is retired has an archived product only once nobody
    is on it: with such a one Stripe lets nobody begin to pay, or pay for longer (eight queries).
    """
    plans = Plan.objects.exclude(current=None).order_by("position", "code")
    standing, held = _had()
    taken = {code for code, _number in standing} | set(Plan.objects.filter(versions__in=held).values_list("code", flat=True))
    found = [wanted_product(plan.code, plan.name, is_offered=plan.is_offered or plan.code in taken) for plan in plans]
    for version in _in_use(standing, held):
        found += wanted_prices(version.plan.code, version.number, contents_of(version))
    quotas = sorted({str(one.facts["meter"]) for one in found if one.facts.get("meter")})
    return found + [wanted_beyond(quota) for quota in quotas]


def _links_of(plan: Plan) -> list[StripeLink]:
    """What Stripe has of a plan, products before prices, as of the last look (one query)."""
    return list(
        StripeLink.objects.filter(Q(ours=plan.code) | Q(ours__startswith=f"{plan.code}/")).order_by("-kind", "ours")
    )  # fmt: skip


def lines_at_stripe(plan: Plan) -> list[LineAtStripe]:
    """What Stripe has of a plan, products before prices, and what it should have (nine queries).

    What was never made has no link: without it nobody would see that a plan cannot be paid for in a currency.
    """
    linked = {(StripeKind(link.kind), link.ours): link for link in _links_of(plan)}
    own = [one for one in wanted_at_stripe() if one.ours == plan.code or one.ours.startswith(f"{plan.code}/")]
    lines = [LineAtStripe(*key, link.stripe_id, link.synced_at, tuple(link.drift)) for key, link in linked.items()]
    lines += [LineAtStripe(one.kind, one.ours) for one in own if (one.kind, one.ours) not in linked]
    return sorted(lines, key=lambda line: (line.kind != StripeKind.PRODUCT, line.ours))


def _had() -> tuple[set[tuple[str, int]], set[int]]:
    """The versions of plans, by code and number, and those of add-ons, by key, that somebody has."""
    standing = Tenant.objects.exclude(status=TenantStatus.ERASED).order_by().values_list("plan_code", "plan_version")
    return set(standing.distinct()), set(TenantAddOn.objects.order_by().values_list("version_id", flat=True).distinct())


def _in_use(standing: set[tuple[str, int]], held: set[int]) -> list[PlanVersion]:
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
