"""The person who owns the marketplace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.saga.step import SagaStep, Work
from provisioning.steps.content import ACTOR
from shared_apps.accounts.services import get_or_create_user_for_email
from tenant_apps.members.selectors import owner_with_email
from tenant_apps.members.services import add_member
from tenant_apps.members.types import Role
from tenants.scope import tenant_scope


class CreateOwner(SagaStep):
    """Makes the owner's account in the marketplace, without a password: they walk in from the platform (R49)."""

    name: ClassVar[str] = "owner"
    label: ClassVar[Promise] = _("Handing you the keys")

    def check(self, work: Work) -> bool:
        with tenant_scope(work.tenant()):
            return owner_with_email(work.request.owner_email) is not None

    def do(self, work: Work) -> Mapping[str, str | int]:
        request = work.request
        first_name, _space, last_name = request.owner_name.partition(" ")
        with tenant_scope(work.tenant()):
            user = get_or_create_user_for_email(email=request.owner_email, first_name=first_name, last_name=last_name)
            add_member(actor=ACTOR, user=user, role=Role.OWNER)
        return {"owner": request.owner_email}

    def undo(self, work: Work) -> None:
        """Nothing of its own: the account goes with the schema. The person's account on the platform stays theirs."""
