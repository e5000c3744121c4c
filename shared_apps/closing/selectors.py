"""Which organizations are closing. In the platform's scope."""

from __future__ import annotations

from collections.abc import Sequence

from shared_apps.accounts.models import User
from shared_apps.entry.selectors import closing_of
from tenants.models import Tenant


def closing_marketplaces_of(user: User) -> Sequence[Tenant]:
    """Those that `user` owns and that can still be opened again, the one that is erased first at the front (one query)."""
    return [ownership.tenant for ownership in closing_of(user)]
