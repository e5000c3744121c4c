"""What can be refused about members and invitations."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class AlreadyInvited(Conflict):
    """An invitation for this address and role waits to be accepted."""

    code = "already_invited"


class AlreadyMember(Conflict):
    """The person holds this role."""

    code = "already_member"


class LastOwner(Conflict):
    """The marketplace would be left without an owner."""

    code = "last_owner"


class InvitationUnknown(NotFound):
    """The link is damaged, or of another marketplace."""

    code = "invitation_unknown"


class InvitationClosed(DomainError):
    """The link was good once: the invitation is accepted, revoked or too old (HTTP: gone)."""

    code = "invitation_closed"
    http_status = 410


class SignInToAccept(Conflict):
    """The invited person has an account here, so the mail alone does not open it."""

    code = "sign_in_to_accept"


class NotForYou(Conflict):
    """Somebody else is signed in than the one who was invited."""

    code = "invitation_for_another"
