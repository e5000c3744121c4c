"""Which marketplaces a person of the platform owns. In the platform's scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from shared_apps.accounts.models import User
from shared_apps.audit.selectors import latest_act
from shared_apps.audit.types import RESUMED, SUSPENDED, WORDS_FOR_OWNERS
from shared_apps.entry.models import Ownership
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.types import WITHDRAWN, TenantStatus

_STANDING: Final = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED, TenantStatus.MAINTENANCE)
# A sandbox follows its marketplace out of service (`tenants.types.served_status`).
_FOLLOWS_OUT: Final = Q(tenant__status=TenantStatus.ACTIVE, tenant__sandbox_of__status__in=WITHDRAWN)


def marketplaces_of(user: User) -> Sequence[Tenant]:
    """Those that `user` owns and can walk into, by name (two queries)."""
    return [ownership.tenant for ownership in _ownerships(user).order_by("tenant__name", "tenant_id")]


def ownership_of(user: User, *, slug: str) -> Ownership | None:
    """The user's ownership of the open marketplace with this slug (two queries)."""
    return _ownerships(user).filter(tenant__slug__iexact=slug).first()


def ways_in_of(user_id: int) -> Sequence[tuple[TenantContext, UUID]]:
    """The marketplaces that a person owns, each with the public id of whom they are there (two queries).

    Those that stand, served or not: one that is suspended now is open again later.
    """
    ownerships = (
        Ownership.objects.filter(user_id=user_id, tenant__status__in=_STANDING)
        .select_related("tenant")
        .prefetch_related("tenant__domains")
    )
    return [(ownership.tenant.as_context(), ownership.member_id) for ownership in ownerships.order_by("pk")]


def closing_of(user: User) -> Sequence[Ownership]:
    """The user's ownerships of marketplaces that are closed and can be opened again, the next to go first (one query)."""
    closing = Ownership.objects.filter(user=user, tenant__status=TenantStatus.CLOSING, tenant__closing_since_at__isnull=False)
    return list(closing.select_related("tenant").order_by("tenant__erases_at", "pk"))


def paused_of(user: User) -> Sequence[Tenant]:
    """Those that `user` owns and that are not served for now, by name: nobody walks in, but they are there (one query)."""
    paused = Ownership.objects.filter(user=user, tenant__status__in=(TenantStatus.SUSPENDED, TenantStatus.MAINTENANCE))
    return [ownership.tenant for ownership in paused.select_related("tenant").order_by("tenant__name", "tenant_id")]


def standing_ownership(user: User, *, slug: str) -> Ownership | None:
    """The user's ownership of the marketplace with this slug, served or not, as long as it is there (one query)."""
    rows = Ownership.objects.filter(user=user, tenant__status__in=(*_STANDING, TenantStatus.CLOSING), tenant__slug__iexact=slug)
    return rows.select_related("tenant__sandbox_of").first()


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when an organization is suspended, and what its operator lets its owners know; `words` may be empty."""

    since_at: datetime
    words: str


def suspension_of(tenant_id: UUID) -> Suspension | None:
    """What is known of an organization's suspension, by the audit trail (one query); None where nobody noted one."""
    act = latest_act(tenant_id, (SUSPENDED, RESUMED))
    if act is None or act.action != SUSPENDED:
        return None
    return Suspension(act.at, str(act.data.get(WORDS_FOR_OWNERS, "")))


def members_who_own(tenant_id: UUID) -> Sequence[UUID]:
    """The public ids of the marketplace's own people as whom somebody may walk in (one query)."""
    return list(Ownership.objects.filter(tenant_id=tenant_id).values_list("member_id", flat=True))


def _ownerships(user: User) -> QuerySet[Ownership]:
    return (
        Ownership.objects.filter(user=user, tenant__status=TenantStatus.ACTIVE)
        .exclude(_FOLLOWS_OUT)
        .select_related("tenant", "user")
        .prefetch_related("tenant__domains")
    )
