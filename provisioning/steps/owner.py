"""The person who owns the marketplace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.saga.step import SagaStep, Work
from provisioning.steps.content import ACTOR
from shared_apps.accounts.selectors import user_by_email
from shared_apps.accounts.services import get_or_create_user_for_email
from shared_apps.entry.selectors import members_who_own
from shared_apps.entry.services import forget_person_without_a_way_in, grant_entry, revoke_entry
from tenant_apps.members.selectors import owner_by_id
from tenant_apps.members.services import add_member
from tenant_apps.members.types import Role
from tenants.scope import platform_scope, tenant_scope


class CreateOwner(SagaStep):
    """Makes the owner's account in the marketplace, without a password, and opens the walk there from the platform (R49)."""

    name: ClassVar[str] = "owner"
    label: ClassVar[Promise] = _("Handing you the keys")

    def check(self, work: Work) -> bool:
        with platform_scope(reason="who owns"):
            owners = members_who_own(work.require_tenant_id())
        with tenant_scope(work.tenant()):
            return any(owner_by_id(member_id) for member_id in owners)

    def do(self, work: Work) -> Mapping[str, str | int]:
        request = work.request
        first_name, _space, last_name = request.owner_name.partition(" ")
        with tenant_scope(work.tenant()):
            member = get_or_create_user_for_email(email=request.owner_email, first_name=first_name, last_name=last_name)
            add_member(actor=ACTOR, user=member, role=Role.OWNER)
        with platform_scope(reason="grant entry"):
            person = get_or_create_user_for_email(email=request.owner_email, first_name=first_name, last_name=last_name)
            grant_entry(user=person, tenant_id=work.require_tenant_id(), member_id=member.public_id)
        return {"owner": request.owner_email}

    def undo(self, work: Work) -> None:
        """Close the way in. The person stays, unless nothing else is left of them; the member goes with the schema."""
        with platform_scope(reason="revoke entry"):
            person = user_by_email(work.request.owner_email)
            if person is None:
                return
            if work.tenant_id is not None:
                revoke_entry(user=person, tenant_id=work.tenant_id)
            forget_person_without_a_way_in(email=work.request.owner_email)
