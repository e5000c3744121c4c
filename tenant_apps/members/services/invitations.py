"""Letters to those who are not here yet: written, sent again, withdrawn, accepted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.emails import canonical_email, email_is, is_same_email
from kernel.errors import NotFound
from kernel.events import publish
from shared_apps.accounts.models import User
from shared_apps.accounts.selectors import has_verified_email, user_by_email
from shared_apps.accounts.services import (
    check_new_password,
    mark_email_verified,
    register_user,
    set_password,
    sign_out_everywhere,
)
from tenant_apps.members.errors import AlreadyInvited, AlreadyMember, NotForYou, SignInToAccept
from tenant_apps.members.events import MemberInvited
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.rules import INVITATION_LIFE, UNDO_LIFE
from tenant_apps.members.selectors import invitation_by_token, refuse_closed
from tenant_apps.members.services.memberships import join, require_may_grant, require_seat
from tenant_apps.members.types import Role


def invite_member(*, actor: Actor, email: str, name: str, role: Role, now: datetime | None = None) -> Invitation:
    """Invite somebody by mail, which leaves after the commit by `MemberInvited`.

    Raises:
        PermissionDenied: the actor may not give this role.
        InvalidEmail, AlreadyInvited, AlreadyMember: blaming `email` or `role`.
        LimitReached: the plan has no seat left for a provider.
    """
    require_may_grant(actor, role)
    now = now or clock.now()
    check_invitable(email, role, now=now)
    address = canonical_email(email)
    with transaction.atomic():
        require_seat(role, now=now)
        # One that nobody answered in time makes room for a new one.
        Invitation.objects.filter(email_is(address), role=role, accepted_at=None, revoked_at=None, expires_at__lte=now).update(
            revoked_at=now
        )
        invitation = insert_or_none(
            Invitation(
                email=address,
                name=name.strip(),
                role=role,
                invited_by_id=actor.user_id,
                created_at=now,
                expires_at=now + INVITATION_LIFE,
            )
        )
        if invitation is None:
            # Somebody else's was first.
            raise _already_invited()
        _publish_invited(invitation)
    return invitation


def check_invitable(email: str, role: Role, *, now: datetime | None = None) -> None:
    """Refuse an address that needs no invitation, since somebody with it is here or invited in this role.

    Raises:
        InvalidEmail, AlreadyInvited, AlreadyMember: blame `email`.
    """
    address = canonical_email(email)
    if Membership.objects.filter(email_is(address, column="user__email"), role=role).exists():
        raise AlreadyMember(_("This person is here already, in this role."), field="email")
    waiting = Invitation.objects.filter(email_is(address), role=role, accepted_at=None, revoked_at=None)
    if waiting.filter(expires_at__gt=now or clock.now()).exists():
        raise _already_invited()


def _already_invited() -> AlreadyInvited:
    return AlreadyInvited(_("An invitation to this address is waiting already. You can send it again."), field="email")


def resend_invitation(*, actor: Actor, invitation_id: UUID, now: datetime | None = None) -> None:
    """Send the mail again and start the two weeks anew. Links sent before work too.

    Raises:
        PermissionDenied: the actor may not give this role.
        NotFound, InvitationClosed: there is nothing to send.
        LimitReached: it had lost its seat, and the plan has none left.
    """
    invitation = _grantable_invitation(actor, invitation_id)
    now = now or clock.now()
    with transaction.atomic():
        if invitation.expires_at <= now:
            require_seat(Role(invitation.role), now=now)
        updated = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            expires_at=now + INVITATION_LIFE
        )
        invitation.refresh_from_db()
        if not updated:
            refuse_closed(invitation, now=now)
        _publish_invited(invitation)


def revoke_invitation(*, actor: Actor, invitation_id: UUID, now: datetime | None = None) -> None:
    """Withdraw an invitation: its links stop working. Quiet when it was withdrawn already.

    Raises:
        PermissionDenied: the actor may not give this role.
        NotFound, InvitationClosed: it does not exist, or was accepted first.
    """
    invitation = _grantable_invitation(actor, invitation_id)
    now = now or clock.now()
    if Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now):
        return
    invitation.refresh_from_db()
    if invitation.revoked_at is None:
        refuse_closed(invitation, now=now)


def restore_invitation(*, actor: Actor, invitation_id: UUID, now: datetime | None = None) -> None:
    """Undo a withdrawal of the last hour: the links sent before work again, as long as they would have. Quiet when it is open.

    Raises:
        PermissionDenied: the actor may not give this role.
        NotFound, InvitationClosed: it does not exist, was accepted, has run out, or was withdrawn too long ago or for safety's
            sake (`revoke_invitations_made_until`).
        AlreadyInvited, AlreadyMember: the address was invited anew, or joined, meanwhile.
        LimitReached: its seat is taken by now.
    """
    invitation = _grantable_invitation(actor, invitation_id)
    now = now or clock.now()
    if invitation.accepted_at is None and invitation.revoked_at is None:
        return
    withdrawn_at = invitation.revoked_at
    if withdrawn_at is None or withdrawn_at < now - UNDO_LIFE or invitation.expires_at <= now:
        refuse_closed(invitation, now=now)
    role = Role(invitation.role)
    check_invitable(invitation.email, role, now=now)
    with transaction.atomic():
        require_seat(role, now=now)
        try:
            with transaction.atomic():
                withdrawn = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=withdrawn_at)
                is_back = withdrawn.update(revoked_at=None)
        except IntegrityError as error:
            raise _already_invited() from error
    if not is_back:
        # Somebody else brought it back first, and perhaps it was accepted or withdrawn since.
        invitation.refresh_from_db()
        refuse_closed(invitation, now=now)


def revoke_invitations_made_until(moment: datetime, *, now: datetime | None = None) -> int:
    """Withdraw every open invitation that was written at `moment` or before; tells how many. May be called again.

    For good: they run out with it, so that nobody brings them back.
    """
    now = now or clock.now()
    open_ones = Invitation.objects.filter(created_at__lte=moment, accepted_at=None, revoked_at=None)
    return open_ones.update(revoked_at=now, expires_at=Least("expires_at", Value(now)))


def accept_invitation(*, token: str, first_name: str, last_name: str, password: str, now: datetime | None = None) -> User:
    """Join as a new person; the mail proved the address. Exactly one of two racers wins.

    Somebody who signed up with this address but never proved it does not count: whoever reads the mailbox is the person,
    so that account gets this password, and its sessions end.

    Raises:
        InvitationUnknown, InvitationClosed: the link opens nothing.
        SignInToAccept: the address has a proved account.
        WeakPassword: blames the field `password`.
    """
    now = now or clock.now()
    invitation = invitation_by_token(token, now=now)
    known = user_by_email(invitation.email)
    if known is not None and has_verified_email(known):
        raise SignInToAccept(_("You have an account here already. Sign in to accept the invitation."))
    check_new_password(password, email=invitation.email, first_name=first_name, last_name=last_name)
    with transaction.atomic():
        _take_invitation(invitation, now=now)
        if known is None:
            user = register_user(email=invitation.email, password=password, first_name=first_name, last_name=last_name)
        else:
            user = _take_over_unproved(known, first_name=first_name, last_name=last_name, password=password)
        mark_email_verified(user=user)
        join(user, Role(invitation.role))
    return user


def accept_invitation_as(*, user: User, token: str, now: datetime | None = None) -> None:
    """Join as the signed-in person, who must be the invited one.

    Raises:
        InvitationUnknown, InvitationClosed: the link opens nothing.
        NotForYou: the invitation names another address.
    """
    now = now or clock.now()
    invitation = invitation_by_token(token, now=now)
    if not is_same_email(user.email, invitation.email) or not has_verified_email(user):
        raise NotForYou(_("This invitation is for another address than the one you are signed in with."))
    with transaction.atomic():
        _take_invitation(invitation, now=now)
        join(user, Role(invitation.role))


def _grantable_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    actor.require("members.view")
    invitation = Invitation.objects.filter(public_id=invitation_id).first()
    if invitation is None:
        raise NotFound(_("There is no such invitation."))
    require_may_grant(actor, Role(invitation.role))
    return invitation


def _publish_invited(invitation: Invitation) -> None:
    inviter: User | None = invitation.invited_by
    publish(
        MemberInvited(
            invitation_id=invitation.public_id,
            email=invitation.email,
            name=invitation.name,
            role=Role(invitation.role),
            invited_by="" if inviter is None else inviter.name,
            expires_at=invitation.expires_at,
        )
    )


def _take_invitation(invitation: Invitation, *, now: datetime) -> None:
    """Use it up; the conditional update lets exactly one through."""
    is_mine = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now).update(
        accepted_at=now
    )
    if not is_mine:
        invitation.refresh_from_db()
        refuse_closed(invitation, now=now)


def _take_over_unproved(user: User, *, first_name: str, last_name: str, password: str) -> User:
    user.first_name, user.last_name = first_name, last_name
    user.save(update_fields=["first_name", "last_name"])
    set_password(user=user, password=password)
    sign_out_everywhere(user=user)
    user.refresh_from_db()
    return user
