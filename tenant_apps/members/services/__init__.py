"""Writes about members."""

from __future__ import annotations

from tenant_apps.members.services.invitations import (
    accept_invitation,
    accept_invitation_as,
    check_invitable,
    invite_member,
    resend_invitation,
    restore_invitation,
    revoke_invitation,
    revoke_invitations_made_until,
)
from tenant_apps.members.services.memberships import add_member, change_roles

__all__ = [
    "accept_invitation",
    "accept_invitation_as",
    "add_member",
    "change_roles",
    "check_invitable",
    "invite_member",
    "resend_invitation",
    "restore_invitation",
    "revoke_invitation",
    "revoke_invitations_made_until",
]
