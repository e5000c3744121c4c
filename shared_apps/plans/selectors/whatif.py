"""What would have been, had a version been in force: the last quarter of everybody on a plan, replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Final
from uuid import UUID

from django.db.models import Count, QuerySet

from kernel.actor import Actor
from kernel.money import Money, sum_money
from shared_apps.plans.models import Plan, TenantAddOn
from shared_apps.plans.rules.pricing import paid_in, replay
from shared_apps.plans.selectors.catalogue import contents_of, versions_of
from shared_apps.plans.selectors.held import additions_of
from shared_apps.plans.selectors.usage import last_months, usage_by_month
from shared_apps.plans.types import (
    QUOTAS,
    Addition,
    Entitlement,
    MonthReplayed,
    MonthUse,
    ReplaySum,
    TenantReplay,
    UsageByMonth,
    VersionContents,
    WhatIf,
)
from tenants.models import Tenant
from tenants.types import TenantStatus

_GONE: Final = (TenantStatus.CLOSING, TenantStatus.ERASED)
_NO_ADDITIONS: Final[Sequence[Addition]] = ()


def subscribers_by_version(actor: Actor) -> Mapping[str, Mapping[int, int]]:
    """How many organizations are on each version of each plan, and have each of an add-on (two queries).

    Sandboxes count with their marketplace.

    Raises:
        PermissionDenied: the actor may not see plans.
    """
    actor.require("plans.view")
    found: dict[str, dict[int, int]] = {}
    for code, number, count in _subscribers().order_by().values_list("plan_code", "plan_version").annotate(count=Count("pk")):
        found.setdefault(code, {})[number] = count
    holders = TenantAddOn.objects.filter(tenant__in=_subscribers()).order_by().values_list("add_on__code", "version__number")
    for code, number, count in holders.annotate(count=Count("pk")):
        found.setdefault(code, {})[number] = count
    return found


def what_if(actor: Actor, plan: Plan, contents: VersionContents, *, today: date) -> WhatIf:
    """The three whole months before this one of everybody on `plan`, under their own version and under `contents`.

    Months before somebody signed up are nothing.

    Who would pay most more comes first. Everybody is taken to pay by the month, in the currency of their marketplace where
    there is a price in it (ten queries, whatever their number).

    Raises:
        PermissionDenied: the actor may not see plans.
    """
    actor.require("plans.view")
    months = last_months(today)
    tenants = list(_subscribers().filter(plan_code=plan.code).order_by("slug"))
    ids = [tenant.pk for tenant in tenants]
    used, additions = usage_by_month(ids, [*months, today.replace(day=1)]), additions_of(ids)
    own = {version.number: contents_of(version) for version in versions_of(plan)}
    replays = [
        _replay(
            tenant,
            own=own.get(tenant.plan_version, contents),
            other=contents,
            additions=additions.get(tenant.pk, _NO_ADDITIONS),
            used=used.get(tenant.pk, {}),
            months=months,
        )
        for tenant in tenants
    ]
    replays.sort(key=lambda one: (-one.difference.amount_minor, one.slug))
    return WhatIf(
        months=months,
        replays=replays,
        sums=_sums(replays),
        unknown=_unknown(used, months),
        without_usage=sum(1 for tenant in tenants if not used.get(tenant.pk)),
    )


def _subscribers() -> QuerySet[Tenant]:
    return Tenant.objects.filter(sandbox_of=None).exclude(status__in=_GONE)


def _replay(
    tenant: Tenant,
    *,
    own: VersionContents,
    other: VersionContents,
    additions: Sequence[Addition],
    used: UsageByMonth,
    months: Sequence[date],
) -> TenantReplay:
    # One currency for both, so that they can be compared: that of today, as long as the other is sold in it.
    currency = paid_in(own, tenant.currency)
    if currency not in other.currencies:
        currency = paid_in(other, tenant.currency) or currency or tenant.currency
    before, after = (
        [
            replay(one, additions, used.get(month, {}), month=month, currency=currency)
            if _was_there(tenant, month)
            else MonthReplayed(month, Money.zero(currency), Money.zero(currency), ())
            for month in months
        ]
        for one in (own, other)
    )
    most = replay(other, additions, _most(used), month=months[-1], currency=currency)
    return TenantReplay(
        tenant_id=tenant.pk,
        name=tenant.name,
        slug=tenant.slug,
        number=tenant.plan_version,
        before=before,
        after=after,
        exceeds=most.hits,
        currency=currency,
    )


def _was_there(tenant: Tenant, month: date) -> bool:
    """Whether it had signed up by the month's end: nobody would have paid, or used anything, before."""
    return tenant.created_at.astimezone(UTC).date().replace(day=1) <= month


def _most(used: UsageByMonth) -> MonthUse:
    most: dict[str, int] = {}
    for month in used.values():
        for code, amount in month.items():
            most[code] = max(amount, most.get(code, 0))
    return most


def _sums(replays: Sequence[TenantReplay]) -> list[ReplaySum]:
    by_currency: dict[str, list[TenantReplay]] = {}
    for one in replays:
        by_currency.setdefault(one.currency, []).append(one)
    return [
        ReplaySum(
            currency,
            len(some),
            sum_money((one.paid_before for one in some), currency=currency),
            sum_money((one.paid_after for one in some), currency=currency),
            sum_money((one.overage_after for one in some), currency=currency),
        )
        for currency, some in sorted(by_currency.items())
    ]


def _unknown(used: Mapping[UUID, UsageByMonth], months: Sequence[date]) -> list[Entitlement]:
    counted = {code for one in used.values() for month in months for code in one.get(month, {})}
    return [quota for code, quota in QUOTAS.items() if code not in counted]
