"""Reads of members and invitations, and the one door from a signed-in person to an actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.signing import BadSignature
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.emails import find_email
from kernel.errors import NotFound
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email
from tenant_apps.members.errors import InvitationClosed, InvitationUnknown
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.rules import STAFF, capabilities_of, landing_path_of
from tenant_apps.members.types import Role
from tenants.scope import current_tenant
from tenants.signing import sign, unsign

_PURPOSE: Final = "invitation"
# The row decides when an invitation ends, since sending it again makes it longer; this is only an outer limit.
_LINK_LIFE: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the marketplace's staff."""

    public_id: UUID
    name: str
    email: str
    roles: tuple[Role, ...]


def roles_of(user_id: int) -> frozenset[Role]:
    """The roles that a person holds by a row (one query). Being a customer needs none."""
    return frozenset(Role(role) for role in Membership.objects.filter(user_id=user_id).values_list("role", flat=True))


def actor_for(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Whom `request.user` acts as in this marketplace: a guest, or a person with all that their roles allow (one query)."""
    if not isinstance(user, User) or not user.is_active:
        return Actor.guest()
    return Actor.user(user_id=user.pk, label=user.email, capabilities=capabilities_of(roles_of(user.pk)))


def landing_path(user: User) -> str:
    """Where this person goes after signing in (setting LANDING_PATH_IN_TENANT)."""
    return landing_path_of(roles_of(user.pk))


def owner_by_id(member_id: UUID) -> User | None:
    """The active owner with this public id: whom the platform's owner becomes when they walk in."""
    owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True)
    found = owners.filter(user__public_id=member_id).select_related("user").first()
    return None if found is None else found.user


def owners() -> list[User]:
    """The active owners, in the order they came: whom the platform writes to about the organization itself."""
    rows = Membership.objects.filter(role=Role.OWNER, user__is_active=True).select_related("user")
    return [row.user for row in rows.order_by("user_id")]


def chosen_contact() -> str:
    """The address that the organization chose to be written to; empty without one."""
    return find_email(str(current_tenant().content.get("contact_email") or "")) or ""


def contact_address() -> str:
    """Where answers of people who have to do with the organization go: the address that it chose, else its first owner's.

    Only one that the owner has proved, for a founder may have given anybody's. Empty without one.
    """
    return chosen_contact() or next((owner.email for owner in owners() if has_verified_email(owner)), "")


def staff_for(actor: Actor) -> list[Member]:
    """Everybody with a role beyond customer, by name (one query).

    Raises:
        PermissionDenied: the actor may not see the people.
    """
    actor.require("members.view")
    by_name = ("user__first_name", "user__last_name", "user_id", "pk")
    staff = Membership.objects.filter(role__in=STAFF).select_related("user").order_by(*by_name)
    return [_member(list(rows)) for _user_id, rows in groupby(staff, key=attrgetter("user_id"))]


def member_for(actor: Actor, *, public_id: UUID) -> Member:
    """One person of the staff.

    Raises:
        PermissionDenied: the actor may not see the people.
        NotFound: nobody here has this id.
    """
    found = next((member for member in staff_for(actor) if member.public_id == public_id), None)
    if found is None:
        raise NotFound(_("There is no such person here."))
    return found


def provider_seats(*, now: datetime) -> int:
    """How many seats for providers are taken: by people, and by invitations that can still be accepted (two queries)."""
    waiting = Invitation.objects.filter(role=Role.PROVIDER, accepted_at=None, revoked_at=None, expires_at__gt=now)
    return Membership.objects.filter(role=Role.PROVIDER).count() + waiting.count()


def open_invitations_for(actor: Actor) -> Sequence[Invitation]:
    """Letters not answered yet, the newest first; the expired ones too, since they can be sent again.

    Raises:
        PermissionDenied: the actor may not see the people.
    """
    actor.require("members.view")
    return list(Invitation.objects.filter(accepted_at=None, revoked_at=None).order_by("-created_at", "-pk"))


def invitation_link(invitation_id: UUID) -> str | None:
    """The address to put into the mail, made afresh; None when the invitation is closed by now, so send nothing."""
    is_open = Invitation.objects.filter(public_id=invitation_id, accepted_at=None, revoked_at=None).exists()
    if not is_open:
        return None
    return current_tenant().base_url + reverse("members_join", args=[sign(_PURPOSE, invitation_id.hex)])


def invitation_by_token(token: str, *, now: datetime | None = None) -> Invitation:
    """The invitation behind a link from a mail, if it can still be accepted.

    Raises:
        InvitationUnknown: damaged, or made by another marketplace.
        InvitationClosed: accepted, revoked or too old.
    """
    try:
        public_id = UUID(unsign(_PURPOSE, token, max_age=_LINK_LIFE))
    except (BadSignature, ValueError):
        raise InvitationUnknown(_("This link is not complete, or it belongs to another site.")) from None
    invitation = Invitation.objects.filter(public_id=public_id).first()
    if invitation is None:
        raise InvitationUnknown(_("This link is not complete, or it belongs to another site."))
    refuse_closed(invitation, now=now or clock.now())
    return invitation


def refuse_closed(invitation: Invitation, *, now: datetime) -> None:
    """Raise `InvitationClosed` with the reason, if there is one."""
    if invitation.accepted_at is not None:
        raise InvitationClosed(_("This invitation was accepted already. Sign in instead."))
    if invitation.revoked_at is not None:
        raise InvitationClosed(_("This invitation was withdrawn."))
    if invitation.expires_at <= now:
        raise InvitationClosed(_("This invitation is too old. Ask the person who invited you to send it again."))


def _member(rows: Sequence[Membership]) -> Member:
    person = rows[0].user
    return Member(public_id=person.public_id, name=person.name, email=person.email, roles=tuple(Role(row.role) for row in rows))
