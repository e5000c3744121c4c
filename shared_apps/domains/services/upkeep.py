"""Which domains are due for a look, and which rows nobody needs any more."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from kernel.actor import Actor
from shared_apps.domains.models import CustomDomain, DomainChange
from shared_apps.domains.services.ending import release_all
from shared_apps.domains.types import ClaimState
from tenants.types import ENDED, TenantStatus

# Much longer than the deadline of a check: a worker that died gives its domains back after this.
LEASE: Final = timedelta(minutes=3)
_AT_ONCE: Final = 50
# Of these, an organization's own: its slow name servers are nobody else's trouble.
_AT_ONCE_EACH: Final = 3
_LOOKED_THROUGH: Final = 4 * _AT_ONCE
_KEPT: Final = timedelta(days=180)
_ENDING: Final = Actor.system("domain upkeep")


def take_due_checks(*, now: datetime, limit: int = _AT_ONCE) -> list[int]:
    """Claim the domains that are due, the longest overdue first; nobody else gets them until the lease (`now + LEASE`) is over.

    Three of an organization at a time, and none of one that has ended. In the platform's scope. A check sets the next time
    itself; one that never ran leaves its domain due again.
    """
    with transaction.atomic():
        free = Q(looking_until_at=None) | Q(looking_until_at__lte=now)
        due = CustomDomain.objects.filter(free, next_check_at__lte=now).exclude(state=ClaimState.RELEASED)
        due = due.exclude(tenant__status__in=ENDED).order_by("next_check_at", "pk")
        rows = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "tenant_id")[:_LOOKED_THROUGH])
        looking = CustomDomain.objects.filter(looking_until_at__gt=now).values_list("tenant_id", flat=True)
        taken = Counter(looking)
        keys: list[int] = []
        for key, tenant_id in rows:
            if taken[tenant_id] < _AT_ONCE_EACH and len(keys) < limit:
                taken[tenant_id] += 1
                keys.append(key)
        CustomDomain.objects.filter(pk__in=keys).update(looking_until_at=now + LEASE)
    return keys


def tidy_domains(*, now: datetime) -> None:
    """Release what erased organizations still hold, and forget what ended half a year ago. In the platform's scope."""
    ended = CustomDomain.objects.exclude(state=ClaimState.RELEASED).filter(tenant__status=TenantStatus.ERASED)
    for tenant_id in set(ended.values_list("tenant_id", flat=True)):
        release_all(actor=_ENDING, tenant_id=tenant_id, now=now)
    CustomDomain.objects.filter(state=ClaimState.RELEASED, released_at__lt=now - _KEPT).delete()
    DomainChange.objects.filter(at__lt=now - _KEPT).delete()
