"""Who is acting, and what they may do: the one thing that every service is told first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from django.utils.translation import gettext as _

from kernel.errors import PermissionDenied

type ActorKind = Literal["user", "guest", "operator", "system"]

_PEOPLE: frozenset[ActorKind] = frozenset({"user", "operator"})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a guest, an operator of the platform, or the platform itself.

    `user_id` is a row of the accounts table of the scope the actor acts in: on its own it names nobody.
    `label` is for the audit trail ("ann@example.org", "outbox relay"), never for a decision.
    """

    kind: ActorKind
    user_id: int | None
    label: str
    capabilities: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if (self.kind in _PEOPLE) != (self.user_id is not None):
            raise ValueError(f"an actor of kind {self.kind!r} cannot have user_id={self.user_id!r}")

    @classmethod
    def user(cls, *, user_id: int, label: str, capabilities: frozenset[str] = frozenset()) -> Self:
        """A signed-in person of the marketplace (or of the platform) that is in scope."""
        return cls("user", user_id, label, capabilities)

    @classmethod
    def operator(cls, *, user_id: int, label: str, capabilities: frozenset[str] = frozenset()) -> Self:
        """A person who runs the platform."""
        return cls("operator", user_id, label, capabilities)

    @classmethod
    def guest(cls) -> Self:
        """Somebody who has not signed in: no capabilities, whatever they claim to be."""
        return cls("guest", None, "guest")

    @classmethod
    def system(cls, label: str) -> Self:
        """The platform acting by itself, in a handler, a step or a command that `label` names."""
        return cls("system", None, label)

    def can(self, capability: str) -> bool:
        """Whether the actor holds `capability`; the platform itself always does, since nobody stands behind it to refuse."""
        return self.kind == "system" or capability in self.capabilities

    def require(self, capability: str) -> None:
        """Raise `PermissionDenied` unless the actor holds `capability`."""
        if not self.can(capability):
            raise PermissionDenied(_("You are not allowed to do this."), capability=capability)
