"""What choosing a plan, or more of something beside it, would come to: what changes, what no longer fits, what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kernel import clock
from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.money import Money
from shared_apps.billing.selectors import Holding, OwnerStanding, chosen_holding, entitlements_of
from shared_apps.billing.services import ChangePreview, preview_change
from shared_apps.plans.selectors import plan_named
from shared_apps.plans.types import Difference, Interval, PlanKind
from tenant_apps.backoffice.rules.excess import Excess, excesses
from tenant_apps.backoffice.selectors.plan import becomes_otherwise, called_here, offers_here, used_here
from tenant_apps.backoffice.services.looks import Look, note_of
from tenants.scope import current_tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A plan that somebody looks at. `then` is what each month or year costs, before discounts and tax.

    Without a `preview` Stripe was not asked (yet): nothing is paid for, or it is asked in a moment. `look` confirms it.
    """

    plan_code: str
    plan_name: str
    interval: Interval
    then: Money | None
    differences: Sequence[Difference] = field(default=())
    excesses: Sequence[Excess] = field(default=())
    preview: ChangePreview | None = None
    look: str = ""
    refusal: str = ""
    add_ons: Mapping[str, int] = field(default_factory=dict)
    left_out: Sequence[str] = field(default=())


def look_at(
    actor: Actor,
    standing: OwnerStanding,
    *,
    plan_code: str,
    interval: Interval,
    add_ons: Mapping[str, int] | None,
    asks_stripe: bool,
) -> Choice:
    """What it would come to; with `asks_stripe`, for whoever pays already, to the smallest unit.

    Raises:
        PlanNotFound, Invalid: there is no such plan, or too many of something.
    """
    held = standing.subscription
    chosen, _sum = chosen_holding(held, plan_code=plan_code, interval=interval, add_ons=add_ons)
    useless = without_use(chosen)
    if useless:
        # Nobody is to pay for more of something that has no limit.
        add_ons = {code: number for code, (_version, number) in chosen.add_ons.items() if code not in useless}
    holding, then = chosen_holding(held, plan_code=plan_code, interval=interval, add_ons=add_ons)
    plan = plan_named(plan_code)
    preview, refusal = None, ""
    if asks_stripe and standing.is_paid_for:
        try:
            preview = preview_change(
                actor=actor, tenant_id=current_tenant().id, plan_code=plan_code, interval=interval, add_ons=add_ons
            )
        except DomainError as error:
            refusal = error.message
    return Choice(
        plan_code=plan_code,
        plan_name=plan.name if plan else plan_code,
        interval=interval,
        then=then,
        differences=becomes_otherwise(plan_code, holding) if plan_code != current_tenant().plan else (),
        excesses=excesses(used_here(actor, now=clock.now()), entitlements_of(holding)),
        preview=preview,
        look=_note(plan_code, interval, add_ons, preview) if preview else "",
        refusal=refusal,
        add_ons=add_ons or {},
        left_out=[called_here(offer) for offer in offers_here(PlanKind.ADD_ON) if offer.plan.code in useless]
        if useless
        else (),
    )


def without_use(holding: Holding) -> list[str]:
    """The codes of those add-ons that give nothing beside this plan, since it has no limit of what they add to."""
    whole = entitlements_of(holding)
    rest = {code: {other: held for other, held in holding.add_ons.items() if other != code} for code in holding.add_ons}
    return [code for code, others in rest.items() if entitlements_of(replace(holding, add_ons=others)) == whole]


def _note(plan_code: str, interval: Interval, add_ons: Mapping[str, int] | None, preview: ChangePreview) -> str:
    return note_of(Look(plan_code, interval, add_ons or {}, preview.revision, preview.prorated_at))
