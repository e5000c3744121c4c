"""Who belongs to a marketplace and in which role."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from kernel.ids import new_id
from tenant_apps.members.types import Role
from tenants.stamp import ScopedModel


class Membership(ScopedModel):
    """One person in one role. A person may hold several (an owner who also offers services).

    A customer needs no row: everybody who is signed in is one.
    """

    # The database cascades: Django would look for memberships in `public` when a person of the platform is deleted.
    # The constraint's index leads with it.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DB_CASCADE, related_name="memberships", db_index=False)
    role = models.CharField(max_length=16, choices=Role)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="membership_unique")]


class Invitation(ScopedModel):
    """A letter to somebody who is not here yet.

    The link in the mail is `public_id`, signed for this marketplace and purpose: it can be made again from the row, so no
    secret lies in the database or the outbox, and this row says whether it still opens anything.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=16, choices=Role)
    # Nobody looks from this end but PostgreSQL, when a person is deleted; a marketplace has few invitations.
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DB_SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "role",
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_one_open",
            )
        ]
