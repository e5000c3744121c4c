"""Who holds which role: given, taken away, never so that no owner is left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import Invalid, NotFound
from kernel.events import publish
from kernel.locking import lock_rows, lock_timeout
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import user_by_public_id
from shared_apps.plans.services import require_within_limit
from shared_apps.plans.types import MAX_PROVIDERS
from tenant_apps.members.errors import LastOwner
from tenant_apps.members.events import MemberJoined, MemberLeft
from tenant_apps.members.models import Membership
from tenant_apps.members.rules import STAFF, TO_GRANT
from tenant_apps.members.selectors import provider_seats, roles_of
from tenant_apps.members.types import Role

_LOCK_WAIT: Final = timedelta(seconds=3)


def add_member(*, actor: Actor, user: User, role: Role) -> None:
    """Give a person a role without a letter (set-up, the platform's own commands). May be called again.

    Raises:
        PermissionDenied: the actor may not give this role.
    """
    require_may_grant(actor, role)
    with transaction.atomic():
        join(user, role)


def change_roles(*, actor: Actor, member_id: UUID, roles: Collection[Role]) -> None:
    """Make these the staff roles of a person; none: they stay as a customer.

    Locks all owners' rows, so that two owners who demote each other at once leave one.

    Raises:
        PermissionDenied: the actor may not manage members.
        NotFound: nobody here has this id.
        LastOwner: the marketplace would be left without an owner; blames `roles`.
        LimitReached: the plan has no seat left for a provider.
    """
    actor.require("members.manage")
    person = user_by_public_id(member_id)
    if person is None:
        raise NotFound(_("There is no such person here."))
    wanted = STAFF.intersection(roles)
    with transaction.atomic(), lock_timeout(_LOCK_WAIT):
        added = wanted - roles_of(person.pk)
        # Named locks come before rows (ADR 0005): the seats' one first, then the owners.
        for role in sorted(added):
            require_seat(role, now=clock.now())
        owners = _lock_owners()
        if Role.OWNER not in wanted and {row.user_id for row in owners} == {person.pk}:
            raise LastOwner(_("Make somebody else an owner first: a marketplace needs one."), field="roles")
        for role in sorted(added):
            join(person, role)
        for role in sorted(STAFF - wanted):
            _leave(person, role)


def join(user: User, role: Role) -> None:
    """Give the role, once, and tell. Inside a transaction."""
    if insert_or_none(Membership(user=user, role=role)) is not None:
        publish(MemberJoined(user_id=user.pk, role=role))


def require_seat(role: Role, *, now: datetime) -> None:
    """Refuse one provider more than the plan allows; an open invitation holds a seat. Inside the transaction that adds."""
    if role is Role.PROVIDER:
        require_within_limit(MAX_PROVIDERS, used=lambda: provider_seats(now=now))


def require_may_grant(actor: Actor, role: Role) -> None:
    """Refuse an actor who may not give this role, and a role that is not given."""
    if role not in TO_GRANT:
        raise Invalid(_("Customers are not invited: they sign up."), field="role")
    actor.require(TO_GRANT[role])


def _leave(user: User, role: Role) -> None:
    deleted, _counts = Membership.objects.filter(user=user, role=role).delete()
    if deleted:
        publish(MemberLeft(user_id=user.pk, role=role))


def _lock_owners() -> list[Membership]:
    return lock_rows(Membership.objects.filter(role=Role.OWNER))
