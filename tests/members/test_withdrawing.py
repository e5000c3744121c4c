"""Withdrawing an invitation, and bringing it back."""

from datetime import datetime, timedelta

import pytest

from kernel import clock
from kernel.actor import Actor
from kernel.errors import PermissionDenied
from tenant_apps.members.errors import AlreadyInvited, InvitationClosed
from tenant_apps.members.models import Invitation
from tenant_apps.members.services import (
    invitations,
    invite_member,
    restore_invitation,
    revoke_invitation,
    revoke_invitations_made_until,
)
from tenant_apps.members.types import Role
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.racing import after_everybody, drop_unique, race
from tests.factories.tenants import ALPHA_ID
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


def test_an_invitation_that_has_run_out_is_not_brought_back(alpha, invitation):
    actor = _withdraw(alpha, invitation, at=invitation.expires_at - timedelta(minutes=1))

    with tenant_scope(alpha):
        with pytest.raises(InvitationClosed):
            restore_invitation(actor=actor, invitation_id=invitation.public_id, now=invitation.expires_at)
        assert Invitation.objects.get().revoked_at is not None


def test_what_was_withdrawn_for_safetys_sake_is_not_brought_back(alpha, invitation):
    with tenant_scope(alpha):
        revoke_invitations_made_until(invitation.created_at)
        actor = make_actor("boss@twin.example", "owner")

        with pytest.raises(InvitationClosed, match="withdrawn"):
            restore_invitation(actor=actor, invitation_id=invitation.public_id)


def test_one_that_somebody_else_brought_back_and_that_was_accepted_by_then_is_told_so(alpha, invitation, monkeypatch):
    actor = _withdraw(alpha, invitation)

    def accepted_meanwhile(*_args, **_kwargs) -> None:
        Invitation.objects.update(revoked_at=None, accepted_at=clock.now())

    monkeypatch.setattr(invitations, "check_invitable", accepted_meanwhile)

    with tenant_scope(alpha), pytest.raises(InvitationClosed, match="accepted"):
        restore_invitation(actor=actor, invitation_id=invitation.public_id)


@pytest.mark.proves("races.people")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_of_two_withdrawn_letters_to_one_address_racers_bring_back_one(own_database, monkeypatch, guarded):
    """Without the constraint on open invitations (the negative control) both stand again."""
    alpha = context_for(ALPHA_ID)
    assert isinstance(alpha, TenantContext)
    boss = Actor.system("test")
    with tenant_scope(alpha):
        letters = []
        for _ in range(2):
            letter = invite_member(actor=boss, email=EMAIL, name="Bea", role=Role.MANAGER)
            revoke_invitation(actor=boss, invitation_id=letter.public_id)
            letters.append(letter.public_id)
    monkeypatch.setattr(invitations, "check_invitable", after_everybody(2, invitations.check_invitable))
    if not guarded:
        drop_unique(alpha, "invitation_one_open")

    results = race(2, lambda number: restore_invitation(actor=boss, invitation_id=letters[number]), tenant=alpha)

    back = 1 if guarded else 2
    assert [type(result) for result in results].count(AlreadyInvited) == 2 - back
    with tenant_scope(alpha):
        assert Invitation.objects.filter(revoked_at=None).count() == back


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
