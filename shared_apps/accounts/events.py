"""What happens to accounts that others react to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.events import Event


@dataclass(frozen=True)
class CustomerVerified(Event):
    """A person of a marketplace proved that `email` is theirs. Published on a marketplace only, each time it is proved."""

    user_id: int
    email: str


@dataclass(frozen=True)
class PersonProved(Event):
    """A person of the platform proved their address, or chose a first password. Published on the platform only.

    `is_first`: nothing had proved before whose account it is, so whoever acted in its name until now may be a stranger.
    `proved_at`: what began before ends. None, as events had it of old: when it is heard of.
    """

    user_id: int
    is_first: bool = False
    proved_at: datetime | None = None


@dataclass(frozen=True)
class AccountMailRequested(Event):
    """A page of the accounts has something to write to `email`; `template` is the mail's, without `_subject.txt`.

    No secret is in it: links are made when it is sent, and a code follows from `code_seed` by the scope's own key.
    `fact_names` and `fact_values` are pairs of words for the template.
    """

    template: str
    email: str
    user_id: int | None
    language: str
    requested_at: datetime
    code_seed: str
    fact_names: tuple[str, ...]
    fact_values: tuple[str, ...]
