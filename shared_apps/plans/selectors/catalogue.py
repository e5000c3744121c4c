"""The plans and add-ons there are, and what their versions say."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.models import Plan, PlanMove, PlanPrice, PlanVersion
from shared_apps.plans.types import Beyond, Interval, Offer, PlanKind, QuotaTerms, VersionContents
from tenants.scope import platform_scope

_PARTS = ("prices", "quotas__prices")


def offered_plans() -> list[Plan]:
    """The plans a new organization can choose from, the smallest first (one query)."""
    return list(_offered(PlanKind.PLAN))


def offers(kind: PlanKind = PlanKind.PLAN) -> list[Offer]:
    """What can be chosen, the smallest first, each with its current version (four queries, whatever their number)."""
    parts = [Prefetch("current", queryset=with_parts())]
    return [_offer(plan) for plan in _offered(kind).prefetch_related(*parts)]


def all_plans(kind: PlanKind | None = None) -> list[Plan]:
    """Every plan, or add-on, or both, offered or not, the smallest first (one query)."""
    plans = Plan.objects.order_by("position", "code")
    return list(plans if kind is None else plans.filter(kind=kind))


def plan_named(plan_code: str) -> Plan | None:
    """The plan of this code, or None when it is gone. From any scope (one query)."""
    with platform_scope(reason="plan named"):
        return Plan.objects.filter(code=plan_code).first()


def get_plan(plan_code: str, *, kind: PlanKind | None = PlanKind.PLAN) -> Plan:
    """The plan of this code, offered or not; with `kind` None an add-on, too.

    Raises:
        PlanNotFound: there is none; blames `plan_code`.
    """
    plans = Plan.objects.filter(code=plan_code)
    plan = (plans if kind is None else plans.filter(kind=kind)).first()
    if plan is None:
        raise PlanNotFound(_("There is no plan “%(code)s”.") % {"code": plan_code}, field="plan_code")
    return plan


def versions_of(plan: Plan) -> list[PlanVersion]:
    """All versions of a plan with their prices, the newest first, a draft before them (four queries)."""
    return list(with_parts().filter(plan=plan).order_by("-number"))


def current_and_drafts(plans: Collection[Plan]) -> Mapping[int, list[PlanVersion]]:
    """Of each of these plans, by its key, what new subscribers get and what is being worked on (four queries)."""
    found: dict[int, list[PlanVersion]] = {}
    wanted = Q(pk__in=[plan.current_id for plan in plans if plan.current_id]) | Q(plan__in=plans, published_at=None)
    for version in with_parts().filter(wanted).order_by("plan_id", "number"):
        found.setdefault(version.plan_id, []).append(version)
    return found


def moves_of(plan: Plan, *, most: int = 5) -> list[PlanMove]:
    """The last orders to move organizations to versions of a plan, the newest first (one query)."""
    moves = PlanMove.objects.filter(version__plan=plan).select_related("version")
    return list(moves.order_by("-ordered_at", "-pk")[:most])


def draft_of(plan: Plan) -> PlanVersion | None:
    """What is being worked on; None where nothing is (four queries)."""
    return with_parts().filter(plan=plan, published_at=None).first()


def current_version(plan: Plan) -> PlanVersion | None:
    """What new subscribers get; None where nothing was published yet (three queries)."""
    return None if plan.current_id is None else with_parts().get(pk=plan.current_id)


def number_for_sale(plan_code: str, *, kind: PlanKind = PlanKind.PLAN) -> int:
    """The version of a plan or an add-on that whoever comes now is sold (one query).

    Raises:
        PlanNotFound: there is none, nothing of it was published, or it is not on offer (any more); blames `plan_code`.
    """
    rows = Plan.objects.filter(code=plan_code, kind=kind, is_offered=True).values_list("current__number", flat=True)
    number = rows.first()
    if number is None:
        raise PlanNotFound(_("There is no plan “%(code)s”.") % {"code": plan_code}, field="plan_code")
    return number


def version_contents(plan_code: str, number: int) -> VersionContents | None:
    """What a version says; None where there is no such (four queries)."""
    version = with_parts().filter(plan__code=plan_code, number=number).first()
    return None if version is None else contents_of(version)


def version_prices(codes: Collection[str] | None = None) -> Mapping[tuple[str, int, str, str], int]:
    """Minor units by plan or add-on, version, currency and interval; of these, or of all there are (one query)."""
    rows = PlanPrice.objects.order_by() if codes is None else PlanPrice.objects.filter(version__plan__code__in=codes)
    names = ("version__plan__code", "version__number", "currency", "interval", "amount_minor")
    return {(code, number, currency, interval): amount for code, number, currency, interval, amount in rows.values_list(*names)}


def with_parts() -> QuerySet[PlanVersion]:
    """Versions with everything that `contents_of` reads."""
    return PlanVersion.objects.prefetch_related(*_PARTS)


def contents_of(version: PlanVersion) -> VersionContents:
    """What a version says, from its rows (none of them asked for, where they are loaded)."""
    return VersionContents(
        entitlements=version.entitlements,
        trial_days=version.trial_days,
        prices={(price.currency, Interval(price.interval)): price.amount_minor for price in version.prices.all()},
        quotas={
            quota.code: QuotaTerms(
                beyond=Beyond(quota.beyond),
                stops_at=quota.stops_at,
                per_units=quota.per_units,
                prices={price.currency: price.amount_minor for price in quota.prices.all()},
            )
            for quota in version.quotas.all()
        },
        note=version.note,
    )


def _offered(kind: PlanKind) -> QuerySet[Plan]:
    return Plan.objects.filter(is_offered=True, kind=kind).exclude(current=None).order_by("position", "code")


def _offer(plan: Plan) -> Offer:
    assert plan.current is not None
    return Offer(plan, plan.current.number, contents_of(plan.current))
