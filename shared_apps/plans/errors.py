"""What a plan refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kernel.errors import Invalid, NotFound, PlanLimit

if TYPE_CHECKING:
    from shared_apps.plans.types import Entitlement


class NotInPlan(PlanLimit):
    """The plan does not include a switch. `entitlement` is its code (402)."""

    code = "not_in_plan"

    def __init__(self, entitlement: Entitlement) -> None:
        sentence = _("%(what)s is not part of your plan.") % {"what": entitlement.label}
        super().__init__(sentence, entitlement=entitlement.code)


class LimitReached(PlanLimit):
    """The plan's limit is used up. `entitlement` is its code, `limit` the number (402).

    `sentence` replaces the usual one, where somebody else meets the limit or more can be said; `field` is what to blame.
    """

    code = "limit_reached"

    def __init__(self, entitlement: Entitlement, limit: int, *, sentence: str = "", field: str | None = None) -> None:
        self.limit = limit
        usual = _("Your plan's limit is reached (%(what)s: %(limit)s). A larger plan has room for more.")
        message = sentence or usual % {"what": entitlement.label, "limit": limit}
        super().__init__(message, field=field, entitlement=entitlement.code)


class PlanNotFound(NotFound):
    """There is no such plan."""

    code = "plan_not_found"


class EntitlementInvalid(Invalid):
    """A plan cannot have this value, or this entitlement."""

    code = "entitlement_invalid"
