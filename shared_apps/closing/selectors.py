"""Which organizations of a person are closed and can be opened again. In the platform's scope."""

from __future__ import annotations

from shared_apps.accounts.models import User
from shared_apps.entry.models import Ownership
from shared_apps.entry.selectors import closing_of


def closing_ownership(user: User, *, slug: str) -> Ownership | None:
    """The person's ownership of the closed marketplace with this slug (one query)."""
    return next((ownership for ownership in closing_of(user) if ownership.tenant.slug.lower() == slug.lower()), None)
