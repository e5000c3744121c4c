"""What an organization's plan does not include, what it would do, and the smallest plan that has it."""

from __future__ import annotations

from collections.abc import Iterable

from shared_apps.plans.rules import allows, granted
from shared_apps.plans.rules.pricing import paid_in, price_of
from shared_apps.plans.selectors.catalogue import offers
from shared_apps.plans.types import ENTITLEMENTS, Entitlement, Interval, LockedFeature, Offer, Switch, Value
from tenants.context import TenantContext
from tenants.scope import platform_scope


def smallest_plan_with(entitlement: Entitlement, *, more_than: Value = None) -> Offer | None:
    """The smallest plan on offer that includes a switch, or more of a limit than `more_than`. From any scope (four queries)."""
    with platform_scope(reason="smallest plan with"):
        return _smallest(offers(), entitlement, more_than)


def locked_feature(tenant: TenantContext, entitlement: Entitlement) -> LockedFeature | None:
    """What `tenant` does not have of an entitlement, and what it would cost; None where it has it. From any scope.

    No query where it has it, else four. Of a limit there is always more to have, unless there is none.
    """
    return next(iter(locked_features(tenant, [entitlement])), None)


def locked_features(tenant: TenantContext, entitlements: Iterable[Entitlement]) -> list[LockedFeature]:
    """Those that `tenant` does not have, in the given order (no query where it has all, else four, whatever their number)."""
    lacking = [one for one in entitlements if _is_lacking(tenant, one)]
    if not lacking:
        return []
    with platform_scope(reason="locked features"):
        offered = offers()
    return [_locked(tenant, one, _smallest(offered, one, _has(tenant, one))) for one in lacking]


def _has(tenant: TenantContext, entitlement: Entitlement) -> Value:
    return tenant.entitlements.get(entitlement.code, entitlement.default)


def _is_lacking(tenant: TenantContext, entitlement: Entitlement) -> bool:
    value = _has(tenant, entitlement)
    return not value if isinstance(entitlement, Switch) else value is not None


def _smallest(offered: list[Offer], entitlement: Entitlement, more_than: Value) -> Offer | None:
    for offer in offered:
        value = granted(offer.contents)[entitlement.code]
        if value if isinstance(entitlement, Switch) else value is None or not allows(more_than, int(value)):
            return offer
    return None


def _locked(tenant: TenantContext, entitlement: Entitlement, offer: Offer | None) -> LockedFeature:
    if offer is None:
        return LockedFeature(entitlement, "", "", None, Interval.MONTH)
    currency = paid_in(offer.contents, tenant.currency)
    price = price_of(offer.contents, currency, Interval.MONTH)
    is_monthly = offer.contents.price(currency, Interval.MONTH) is not None
    interval = Interval.MONTH if is_monthly else Interval.YEAR
    return LockedFeature(entitlement, offer.plan.code, offer.plan.name, price, interval)


def entitlement_of(code: str) -> Entitlement | None:
    """The entitlement that an error names; None for one of another version of the code."""
    return ENTITLEMENTS.get(code)
