"""What can be refused about plans."""

from __future__ import annotations

from kernel.errors import Invalid, NotFound


class PlanNotFound(NotFound):
    """There is no such plan, or it is not offered."""

    code = "plan_not_found"


class EntitlementInvalid(Invalid):
    """A plan cannot have this value, or this entitlement."""

    code = "entitlement_invalid"
