"""The organization's plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.saga.step import SagaStep, Work
from shared_apps.billing.selectors import has_subscription
from shared_apps.billing.services import begin_trial


class StartTrial(SagaStep):
    """Puts the organization on the plan it chose, free for the trial's days."""

    name: ClassVar[str] = "subscription"
    label: ClassVar[Promise] = _("Starting your trial")

    def check(self, work: Work) -> bool:
        return has_subscription(work.require_tenant_id())

    def do(self, work: Work) -> Mapping[str, str | int]:
        ends_at = begin_trial(tenant_id=work.require_tenant_id(), plan_code=work.request.plan_code)
        return {"plan": work.request.plan_code, "trial_ends": ends_at.date().isoformat()}

    def undo(self, work: Work) -> None:
        """Nothing of its own: the plan is in the registry's row, and the subscription goes with that."""
