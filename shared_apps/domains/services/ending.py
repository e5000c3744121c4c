"""The end of an organization is the end of its hold on names."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from kernel import clock
from kernel.actor import Actor
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.services.locking import locked_domain
from shared_apps.domains.services.moving import move
from shared_apps.domains.types import ClaimState, Verdict
from tenants.scope import platform_scope


def release_all(*, actor: Actor, tenant_id: UUID, now: datetime | None = None) -> int:
    """Give up all domains of an organization that ends, claims included; how many there were.

    The organization itself must still be in the registry. May be called again: there are none then.
    """
    moment = now or clock.now()
    with platform_scope(reason="domains of an organization that ends"), transaction.atomic():
        standing = CustomDomain.objects.filter(tenant_id=tenant_id).exclude(state=ClaimState.RELEASED)
        keys = list(standing.order_by("pk").values_list("pk", flat=True))
        for key in keys:
            domain = locked_domain(key)
            if domain.state != ClaimState.RELEASED:
                move(domain, Verdict(ClaimState.RELEASED, "ended"), actor=actor, now=moment)
    return len(keys)
