"""Which domains are due for a look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState

# Longer than the longest check: a worker that died gives its domains back after this.
_LEASE: Final = timedelta(minutes=3)
_AT_ONCE: Final = 50


def take_due_checks(*, now: datetime, limit: int = _AT_ONCE) -> list[int]:
    """Claim the domains that are due, the longest overdue first; nobody else gets them until the lease is over.

    In the platform's scope. A check sets the next time itself; one that never ran leaves its domain due again.
    """
    with transaction.atomic():
        due = CustomDomain.objects.exclude(state=ClaimState.RELEASED).filter(next_check_at__lte=now).order_by("next_check_at")
        keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        CustomDomain.objects.filter(pk__in=keys).update(next_check_at=now + _LEASE)
    return keys
