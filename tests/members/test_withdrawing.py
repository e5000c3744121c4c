"""Withdrawing an invitation, and bringing it back."""

from datetime import datetime, timedelta

import pytest

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from tenant_apps.members.errors import AlreadyInvited, InvitationClosed
from tenant_apps.members.models import Invitation
from tenant_apps.members.services import invite_member, restore_invitation, revoke_invitation
from tenant_apps.members.types import Role
from tenants.scope import tenant_scope
from tests.members.helpers import EMAIL, make_actor


def _withdraw(alpha, invitation, *, at: datetime | None = None) -> Actor:
    with tenant_scope(alpha):
        actor = make_actor("boss@twin.example", "owner")
        revoke_invitation(actor=actor, invitation_id=invitation.public_id, now=at)
    return actor


def test_a_withdrawal_is_undone_and_the_link_that_was_sent_opens_again(alpha, alpha_client, invitation, path):
    actor = _withdraw(alpha, invitation)
    closed = alpha_client.get(path).status_code
    expires_at = invitation.expires_at

    with tenant_scope(alpha):
        restore_invitation(actor=actor, invitation_id=invitation.public_id)
        invitation.refresh_from_db()

    assert (closed, alpha_client.get(path).status_code) == (410, 200)
    assert (invitation.revoked_at, invitation.expires_at) == (None, expires_at)


def test_undoing_twice_is_quiet(alpha, invitation):
    actor = _withdraw(alpha, invitation)

    with tenant_scope(alpha):
        restore_invitation(actor=actor, invitation_id=invitation.public_id)
        restore_invitation(actor=actor, invitation_id=invitation.public_id)
        assert Invitation.objects.get().revoked_at is None


def test_a_withdrawal_of_long_ago_stands(alpha, invitation):
    now = invitation.created_at + timedelta(hours=2)
    actor = _withdraw(alpha, invitation, at=now - timedelta(hours=1, seconds=1))

    with tenant_scope(alpha), pytest.raises(InvitationClosed, match="withdrawn"):
        restore_invitation(actor=actor, invitation_id=invitation.public_id, now=now)


def test_an_invitation_that_was_replaced_meanwhile_is_not_brought_back(alpha, invitation):
    actor = _withdraw(alpha, invitation)

    with tenant_scope(alpha):
        invite_member(actor=actor, email=EMAIL, name="Bea", role=Role.PROVIDER)
        with pytest.raises(AlreadyInvited):
            restore_invitation(actor=actor, invitation_id=invitation.public_id)
        assert Invitation.objects.filter(revoked_at=None).count() == 1


def test_who_may_not_invite_brings_nobody_back(alpha, invitation):
    _withdraw(alpha, invitation)

    with tenant_scope(alpha):
        stranger = make_actor("stranger@twin.example", "provider")
        with pytest.raises(PermissionDenied):
            restore_invitation(actor=stranger, invitation_id=invitation.public_id)
        assert Invitation.objects.get().revoked_at is not None
