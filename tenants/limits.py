"""How long a statement, a wait for a lock and an idle transaction of a tenant may take, by its plan (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; 0 is without limit, as PostgreSQL has it.

    `ALTER ROLE … SET` counts at sign-in only, not for SET ROLE, so they are set by the statement that enters the role.
    """

    statement_seconds: int = 0
    lock_seconds: int = 0
    idle_in_transaction_seconds: int = 0

    def as_settings(self) -> tuple[str, str, str]:
        """The values of statement_timeout, lock_timeout and idle_in_transaction_session_timeout."""
        return f"{self.statement_seconds}s", f"{self.lock_seconds}s", f"{self.idle_in_transaction_seconds}s"


# The platform's work and the owner's (migrations) bring their own limits where they need some.
UNLIMITED: Final = Limits()


def limits_of(plan: str) -> Limits:
    """The limits of a plan; one that the settings do not name has the default's."""
    by_plan = settings.DATABASE_LIMITS
    return Limits(**by_plan.get(plan, by_plan["default"]))
