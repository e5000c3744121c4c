"""What happens to the people of a marketplace that others react to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.events import Event
from tenant_apps.members.types import Role


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

    `is_first`: nothing had shown it before.
    """

    member_id: UUID
    is_first: bool


@dataclass(frozen=True)
class OwnerProved(Event):
    """The owner has shown for the first time that the address given at the founding is theirs.

    Who acted as the owner before may have been somebody else, and was signed out at `signed_out_at`: whatever else still
    lets them in is to end, too.
    """

    signed_out_at: datetime
