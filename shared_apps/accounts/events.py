"""What happens to accounts that others react to."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.events import Event


@dataclass(frozen=True)
class CustomerVerified(Event):
    """A person of a marketplace proved that `email` is theirs. Published on a marketplace only, each time it is proved."""

    user_id: int
    email: str


@dataclass(frozen=True)
class PersonProved(Event):
    """A person of the platform proved their address, or chose a first password. Published on the platform only."""

    user_id: int
