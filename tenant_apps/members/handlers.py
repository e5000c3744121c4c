"""What follows for a marketplace's own people from what happens on the platform."""

from __future__ import annotations

from django.db import transaction

from kernel import clock
from kernel.events import publish
from shared_apps.accounts.events import PersonProved
from shared_apps.accounts.selectors import user_by_public_id
from shared_apps.accounts.services import sign_out_everywhere
from shared_apps.entry.selectors import ways_in_of
from shared_apps.entry.services import spend_codes_of
from tenant_apps.members.events import OwnerProved
from tenants.scope import tenant_scope


def end_founders_sessions(event: PersonProved) -> None:
    """Sign the owner out of the marketplaces that were founded with their address before they had proved it.

    Whoever founded them walked in on the strength of having filled in the form, and may have been somebody else. The owner
    comes back in by the platform. With their first proof OwnerProved leaves in each, for all that a session may have left
    behind. Twice: they are signed out twice.
    """
    # First, or a code that was kept back would open the door again behind us.
    spend_codes_of(user_id=event.user_id)
    for tenant, member_id in ways_in_of(event.user_id):
        with tenant_scope(tenant), transaction.atomic():
            member = user_by_public_id(member_id)
            if member is not None:
                sign_out_everywhere(user=member)
            if event.is_first:
                publish(OwnerProved(signed_out_at=clock.now()))
