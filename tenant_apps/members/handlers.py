"""What follows for a marketplace's own people from what happens on the platform."""

from __future__ import annotations

from django.db import transaction

from kernel import clock
from kernel.events import publish
from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.selectors import has_verified_email, user_by_public_id
from shared_apps.accounts.services import forget_password, sign_out_except_since
from shared_apps.entry.selectors import ways_in_of
from shared_apps.entry.services import spend_codes_of
from tenant_apps.members.events import OwnerProved, OwnershipProved
from tenant_apps.members.services import revoke_invitations_made_until
from tenants.scope import tenant_scope


def end_founders_sessions(event: PersonProved) -> None:
    """Tell the marketplaces that were founded with somebody's address that its owner has proved it: all of them, or none.

    Whoever founded them walked in on the strength of having filled in the form, and may have been somebody else. What each
    does is its own message, so that trouble in one repeats nothing in the others. What began since the proof is the owner's,
    who may have walked in before this is heard of. Twice: they are told twice.
    """
    with transaction.atomic():
        # First, or a code that was kept back would open the door again behind us.
        spend_codes_of(user_id=event.user_id, made_before=event.proved_at or clock.now())
        for tenant, member_id in ways_in_of(event.user_id):
            with tenant_scope(tenant):
                publish(OwnershipProved(member_id=member_id, is_first=event.is_first, proved_at=event.proved_at))


def sign_owner_out(event: OwnershipProved) -> None:
    """Sign the owner out of this marketplace, but for who has walked in since the proof; they come back in by the platform.

    With their first proof a password goes that was chosen here by somebody who had not proved the address (`enter` does the
    same when the owner is here first). And OwnerProved leaves, for what else a session may have left behind; with the sign-out
    or not at all. Twice, which takes a worker that dies right after it: they are signed out twice.
    """
    with transaction.atomic():
        member = user_by_public_id(event.member_id)
        if member is not None:
            if event.is_first and not has_verified_email(member):
                forget_password(user=member)
            sign_out_except_since(user=member, moment=event.proved_at or clock.now())
        if event.is_first:
            publish(OwnerProved(signed_out_at=clock.now()))


def withdraw_founders_invitations(event: OwnerProved) -> None:
    """Close the invitations that were sent before the owner had proved who they are: a stranger may have invited themselves.

    Twice: the same ones; those sent since stay open.
    """
    revoke_invitations_made_until(event.doubtful_until)
