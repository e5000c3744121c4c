"""What a plan refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from kernel.errors import Conflict, Invalid, NotFound, PlanLimit

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


class PriceInvalid(Invalid):
    """A price that makes no sense: an unknown currency, or an incomplete one."""

    code = "price_invalid"


class CodeTaken(Conflict):
    """There is a plan or an add-on of this code."""

    code = "plan_code_taken"


class NoDraft(Conflict):
    """Nothing is being worked on (any more)."""

    code = "no_draft"


class DraftChanged(Conflict):
    """Somebody else has saved the draft meanwhile."""

    code = "draft_changed"


class NotPriced(Conflict):
    """A version without a price cannot be sold."""

    code = "plan_not_priced"


class PlanNotPublished(Conflict):
    """There is only a draft of it."""

    code = "plan_not_published"


class LastPlan(Conflict):
    """Without it there would be no plan to sign up for."""

    code = "last_plan"


class MoveUnderWay(Conflict):
    """An earlier order to move organizations of this plan is not done."""

    code = "plan_move_under_way"


class NobodyToMove(Invalid):
    """None of the chosen organizations is on another version of the plan."""

    code = "nobody_to_move"
