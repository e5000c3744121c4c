"""Which marketplaces a person of the platform owns."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from shared_apps.accounts.models import User
from tenants.models import Tenant
from tenants.types import TenantStatus


def marketplaces_of(user: User) -> Sequence[Tenant]:
    """Those that `user` owns and can walk into, by name (two queries). In the platform's scope."""
    return list(_owned(user).prefetch_related("domains").order_by("name", "id"))


def marketplace_of(user: User, *, slug: str) -> Tenant | None:
    """The marketplace with this slug, if it is theirs and open."""
    return _owned(user).filter(slug__iexact=slug).prefetch_related("domains").first()


def _owned(user: User) -> QuerySet[Tenant]:
    # The registry knows the owner by address. That is a proof only since nobody signs in on the platform, or changes
    # their address there, without having proved it.
    return Tenant.objects.filter(owner_email__iexact=user.email, status=TenantStatus.ACTIVE)
