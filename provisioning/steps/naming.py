"""The first step: the organization's name is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.models import Step
from provisioning.saga.step import SagaStep, Work
from provisioning.sandboxes.naming import release_sandbox_name
from provisioning.types import ANNOUNCE
from tenants.models import ReservedName
from tenants.registry import forget_reservation, release_name, reserve_name


class ReserveName(SagaStep):
    """Holds the slug under the run's public id. Sign-up has done so already, to tell the person at once if it is taken."""

    name: ClassVar[str] = "name"
    label: ClassVar[Promise] = _("Reserving your address")

    def check(self, work: Work) -> bool:
        return ReservedName.objects.filter(slug=work.request.slug, holder=work.run_id).exists()

    def do(self, work: Work) -> Mapping[str, str | int]:
        return {"slug": reserve_name(slug=work.request.slug, holder=work.run_id)}

    def undo(self, work: Work) -> None:
        """A name that the world has seen is kept free for a while; one that was never live is anybody's at once."""
        if was_live(work) and work.tenant_id is not None:
            release_name(slug=work.request.slug, tenant_id=work.tenant_id)
            # Its sandbox's address was kept for it as long as it was there.
            release_sandbox_name(work.tenant_id)
        forget_reservation(holder=work.run_id)


def was_live(work: Work) -> bool:
    """Whether the run ever got as far as announcing the organization (the step keeps its result when it is undone)."""
    return Step.objects.filter(run_id=work.run_pk, name=ANNOUNCE, result__has_key="address").exists()
