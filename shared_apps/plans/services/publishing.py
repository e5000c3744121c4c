"""Publishing a draft, and offering or retiring a plan."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from shared_apps.audit.services import record
from shared_apps.plans.errors import DraftChanged, LastPlan, PlanNotPublished
from shared_apps.plans.models import Plan, PlanVersion
from shared_apps.plans.selectors import contents_of
from shared_apps.plans.services.drafting import check_contents, check_sellable, locked_draft, locked_plan
from shared_apps.plans.services.shelf import order_sync
from shared_apps.plans.types import Interval, PlanKind, VersionContents

# The entitlements that the code before versions knows, from the plan's own column.
_BEFORE_VERSIONS: Final = frozenset(
    {
        *("max_providers", "max_services", "bookings_per_month", "storage_megabytes", "api_requests_per_minute"),
        *("custom_domain", "remove_branding", "api_access", "sso"),
    }
)
_LARGEST_INTEGER: Final = 2**31 - 1


def publish_draft(*, actor: Actor, plan_code: str, revision: int, reason: str = "") -> PlanVersion:
    """Make the draft the version that new subscribers get. It never changes again; nobody who subscribed is moved by this.

    Raises:
        PermissionDenied, PlanNotFound, NoDraft.
        DraftChanged: it is not the draft of `revision`, which the operator has looked at.
        NotPriced: it has no price.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        draft = locked_draft(plan_code)
        if draft.revision != revision:
            raise DraftChanged(_("Somebody has changed this draft since you looked at it. Look again before you publish it."))
        contents = contents_of(draft)
        check_contents(contents)
        check_sellable(contents)
        publish_version(draft, contents)
        _note(actor, "plan.published", plan_code, reason, number=draft.number)
        order_sync(actor=actor)
    return draft


def publish_version(draft: PlanVersion, contents: VersionContents) -> None:
    """Note that a draft is published, and what the code before versions reads of it. In the transaction that holds it."""
    draft.published_at = clock.now()
    draft.save(update_fields=["published_at"])
    currency, interval = next(
        iter(sorted(contents.prices, key=lambda one: (one[1] != Interval.MONTH, one[0] != "EUR", one[0])))
    )
    amount = min(contents.prices[currency, interval], _LARGEST_INTEGER)
    flat = {code: value for code, value in contents.entitlements.items() if code in _BEFORE_VERSIONS}
    Plan.objects.filter(pk=draft.plan_id).update(
        current=draft, price_minor=amount, currency=currency, trial_days=contents.trial_days, entitlements=flat
    )


def offer_plan(*, actor: Actor, plan_code: str) -> None:
    """Let everybody choose a plan or an add-on from now on. Quiet when they can already.

    Raises:
        PermissionDenied, PlanNotFound.
        PlanNotPublished: there is only a draft.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        plan = locked_plan(plan_code)
        if plan.current_id is None:
            raise PlanNotPublished(_("Publish its first version before you offer it."))
        if Plan.objects.filter(pk=plan.pk, is_offered=False).update(is_offered=True):
            _note(actor, "plan.offered", plan_code, "")
            order_sync(actor=actor)


def retire_plan(*, actor: Actor, plan_code: str) -> None:
    """Let nobody choose it any more. Who has it keeps it. Quiet when it is not offered.

    Raises:
        PermissionDenied, PlanNotFound.
        LastPlan: without it there would be no plan to sign up for.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        # All of them: of two that are retired at once, one is the last.
        offered = list(Plan.objects.select_for_update().filter(is_offered=True, kind=PlanKind.PLAN).order_by("pk"))
        plan = locked_plan(plan_code)
        if plan.kind == PlanKind.PLAN and {one.pk for one in offered} == {plan.pk}:
            raise LastPlan(_("It is the only plan on offer. Offer another one first."))
        if Plan.objects.filter(pk=plan.pk, is_offered=True).update(is_offered=False):
            _note(actor, "plan.retired", plan_code, "")
            order_sync(actor=actor)


def _note(actor: Actor, action: str, plan_code: str, reason: str, **facts: str | int) -> None:
    record(action=action, actor_label=actor.label, actor_kind=actor.kind, target=plan_code, reason=reason, data=facts)
