"""What organizations have: the version that they are on, the add-ons beside it, and what both give."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.models import Plan, PlanVersion, TenantAddOn
from shared_apps.plans.rules import complete, granted, known
from shared_apps.plans.selectors.catalogue import contents_of, current_version, get_plan, with_parts
from shared_apps.plans.types import Addition, Offer, Value
from tenants.scope import platform_scope


def current_terms(plan_code: str) -> dict[str, Any]:  # Any: columns of the registry
    """What the registry is told of who begins on a plan: its current version, and what that gives.

    Raises:
        PlanNotFound: no such plan, or nothing of it was published yet; blames `plan_code`.
    """
    plan = get_plan(plan_code)
    version = current_version(plan)
    if version is None:
        raise PlanNotFound(_("There is no plan “%(code)s”.") % {"code": plan_code}, field="plan_code")
    return {"plan_code": plan.code, "plan_version": version.number, "entitlements": granted(contents_of(version))}


def entitlements_for(plan_code: str) -> dict[str, Value]:
    """What the current version of a plan gives, of everything.

    Raises:
        PlanNotFound: as above.
    """
    given: dict[str, Value] = current_terms(plan_code)["entitlements"]
    return given


def offer_of(plan_code: str, number: int) -> Offer | None:
    """The version of a plan that somebody is on; None when there is no such (any more). From any scope (five queries)."""
    with platform_scope(reason="offer of"):
        version = with_parts().select_related("plan").filter(plan__code=plan_code, number=number).first()
        return None if version is None else Offer(version.plan, version.number, contents_of(version))


def given_by(plan_code: str, number: int, add_ons: Mapping[str, tuple[int, int]]) -> dict[str, Value]:
    """What a version, and of add-ons so many of a version each, would give; nothing where it is gone. From any scope."""
    offer = offer_of(plan_code, number)
    if offer is None:
        return {}
    added = [(offer_of(code, version), quantity) for code, (version, quantity) in add_ons.items()]
    return granted(offer.contents, [Addition(one.contents, quantity) for one, quantity in added if one is not None])


def additions_of(tenant_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Addition]]:
    """The add-ons of each of these organizations; those without any are left out (four queries)."""
    held = list(TenantAddOn.objects.filter(tenant_id__in=tenant_ids).order_by("add_on__position", "pk"))
    versions = with_parts().in_bulk({row.version_id for row in held})
    found: dict[UUID, list[Addition]] = {}
    for row in held:
        found.setdefault(row.tenant_id, []).append(Addition(contents_of(versions[row.version_id]), row.quantity))
    return found


def add_ons_held(tenant_id: UUID) -> list[tuple[Plan, PlanVersion, int]]:
    """What an organization has beside its plan, by name, with how many of it (one query)."""
    rows = (
        TenantAddOn.objects.filter(tenant_id=tenant_id).select_related("add_on", "version").order_by("add_on__position", "pk")
    )
    return [(row.add_on, row.version, row.quantity) for row in rows]


def holders_of(code: str) -> list[UUID]:
    """The organizations that have an add-on, in no order (one query)."""
    return list(TenantAddOn.objects.filter(add_on__code=code).values_list("tenant_id", flat=True))


def readable_entitlements(values: Mapping[str, object]) -> dict[str, Value]:
    """Stored `values` to be shown: all entitlements in their order, without names of another version of the code."""
    return complete(known(values))
