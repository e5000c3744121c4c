"""What the front page reads: the sample marketplaces and the plans on offer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from shared_apps.plans.selectors import offered_plans, readable_entitlements
from shared_apps.plans.services import DEFAULT_PLAN
from shared_apps.site.rules import plan_lines
from shared_apps.site.types import PlanCard, Stall
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.types import TenantStatus
from themes.engine.scoped import scoped_css
from themes.publishing import theme_of

_SHOWN: Final = 3
_FACES: Final = 5


def stalls() -> list[Stall]:
    """The live sample marketplaces, oldest first, at most three (two queries, whatever their number).

    A sample is an organization whose registry row has `content["sample"]`; its schema is not touched.
    """
    samples = Tenant.objects.filter(status=TenantStatus.ACTIVE, content__has_key="sample", sandbox_of=None)
    rows = samples.order_by("created_at", "id").prefetch_related("domains")[:_SHOWN]
    return [_stall(tenant.as_context()) for tenant in rows]


def plan_cards() -> list[PlanCard]:
    """The plans on offer, smallest first, with their entitlements in words (one query)."""
    return [
        PlanCard(plan, plan_lines(readable_entitlements(plan.entitlements)), is_recommended=plan.code == DEFAULT_PLAN)
        for plan in offered_plans()
    ]


def stalls_digest(shown: Sequence[Stall]) -> str:
    """Names the stylesheet of these stalls: the same looks have the same name, a changed one another."""
    names = "".join(f"{stall.css_class}:{theme_of(stall.tenant).hash};" for stall in shown)
    return hashlib.sha256(names.encode()).hexdigest()[:12]


def stalls_css(shown: Sequence[Stall]) -> str:
    """Each stall's theme, on its own element only."""
    return "".join(scoped_css(theme_of(stall.tenant), f".{stall.css_class}") for stall in shown)


def _stall(tenant: TenantContext) -> Stall:
    theme = theme_of(tenant)
    return Stall(
        tenant=tenant,
        css_class=f"stall-{tenant.slug}",
        motif=theme.tokens.motif,
        is_dark=theme.tokens.scheme == "dark",
        people=tuple({"seed": f"{tenant.slug}-{number}"} for number in range(_FACES)),
        address=urlsplit(tenant.base_url).netloc,
    )
