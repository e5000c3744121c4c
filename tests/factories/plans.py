"""Plans and versions for tests, published by the services that the console uses."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.actor import Actor
from shared_apps.plans.models import Plan, PlanVersion
from shared_apps.plans.services import begin_draft, create_plan, offer_plan, publish_draft, save_draft
from shared_apps.plans.types import Interval, PlanKind, QuotaTerms, Value, VersionContents

OPERATOR = Actor.operator(user_id=1, label="op@example.org", capabilities=frozenset({"plans.edit", "plans.view"}))
A_PRICE: Mapping[tuple[str, Interval], int] = {("EUR", Interval.MONTH): 1000}


def make_plan(code: str, *, name: str = "", kind: PlanKind = PlanKind.PLAN, **contents: object) -> Plan:
    """A plan on offer with one published version; `contents` as `next_version` takes them."""
    create_plan(actor=OPERATOR, kind=kind, code=code, name=name or code.title())
    next_version(code, **contents)  # type: ignore[arg-type]  # by their names
    offer_plan(actor=OPERATOR, plan_code=code)
    return Plan.objects.get(code=code)


def next_version(code: str, **contents: object) -> PlanVersion:
    """Publish another version of a plan that says just this; as `draft_with` takes it."""
    draft = draft_with(code, **contents)  # type: ignore[arg-type]  # by their names
    return publish_draft(actor=OPERATOR, plan_code=code, revision=draft.revision)


def draft_with(
    code: str,
    *,
    entitlements: Mapping[str, Value] | None = None,
    prices: Mapping[tuple[str, Interval], int] = A_PRICE,
    quotas: Mapping[str, QuotaTerms] | None = None,
    trial_days: int = 14,
) -> PlanVersion:
    """The draft of a plan, saying just this."""
    draft = begin_draft(actor=OPERATOR, plan_code=code)
    contents = VersionContents(entitlements=entitlements or {}, prices=prices, quotas=quotas or {}, trial_days=trial_days)
    return save_draft(actor=OPERATOR, plan_code=code, contents=contents, revision=draft.revision)
