"""What happens to the people of a marketplace that others react to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.events import Event
from tenant_apps.members.types import Role

# Longer than a request may take that was let in before the sign-out.
_UNDER_WAY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class MemberInvited(Event):
    """A letter is to be sent, the first time or again. The link comes from `selectors.invitation_link(invitation_id)`.

    `invited_by` is a person's name; empty when the platform itself invites.
    """

    invitation_id: UUID
    email: str
    name: str
    role: Role
    invited_by: str
    expires_at: datetime


@dataclass(frozen=True)
class MemberJoined(Event):
    """A person holds a role that they did not hold before."""

    user_id: int
    role: Role


@dataclass(frozen=True)
class MemberLeft(Event):
    """A person does not hold a role any more."""

    user_id: int
    role: Role


@dataclass(frozen=True)
class OwnershipProved(Event):
    """Who owns this marketplace, as its person `member_id`, has shown on the platform who they are.

    `is_first`: nothing had shown it before. `proved_at`: when they did; None, as events had it of old: when it is heard of.
    """

    member_id: UUID
    is_first: bool
    proved_at: datetime | None = None


@dataclass(frozen=True)
class OwnerProved(Event):
    """The owner has shown for the first time that the address given at the founding is theirs.

    Who acted as the owner before may have been somebody else, and was signed out at `signed_out_at`. Keys and open
    invitations of theirs end, too. People who were let in stay, with what they did: the owner sees them on the team's page.
    """

    signed_out_at: datetime

    @property
    def doubtful_until(self) -> datetime:
        """What was made until then may be the stranger's: a request that was let in before the sign-out may take so long."""
        return self.signed_out_at + _UNDER_WAY
