"""The end of an organization in the registry: closed with a grace period, opened again within it, erased after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import NotFound
from kernel.locking import lock_rows, lock_timeout
from kernel.outbox.upkeep import wake
from tenants.errors import WrongState
from tenants.hosts import host_cache
from tenants.live import part_sockets
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.suspending import holders_of, status_in_service
from tenants.types import TenantStatus

_STANDING: Final = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED, TenantStatus.MAINTENANCE)


def grace() -> timedelta:
    """For how long a closed organization can be opened again."""
    return timedelta(days=settings.CLOSING_GRACE_DAYS)


def begin_closing(*, tenant_id: UUID, now: datetime | None = None) -> Tenant:
    """Serve an organization no more, from now on everywhere; its data stay until its grace is over.

    Raises:
        NotFound: the registry does not know it.
        WrongState: it is closing already, was never opened, has a sandbox, or is one.
        Busy: somebody has held its row for too long.
    """
    moment = now or clock.now()
    facts = {"closing_since_at": moment, "erases_at": moment + grace(), "updated_at": clock.now()}
    with platform_scope(reason="close tenant"), transaction.atomic():
        rows = Tenant.objects.filter(pk=tenant_id, status__in=_STANDING)
        # Held before looking for a sandbox: whoever makes one holds it, too.
        with lock_timeout():
            lock_rows(rows)
        if (obstacle := obstacle_to_closing(tenant_id)) is not None:
            raise WrongState(obstacle.words)
        if not rows.update(closed_from=F("status"), status=TenantStatus.CLOSING, **facts):
            raise _refusal(tenant_id)
        _let_know(tenant_id)
        return Tenant.objects.get(pk=tenant_id)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an organization cannot be closed, in words for its owner; `kin_id` is its sandbox, or whose sandbox it is."""

    words: str
    kin_id: UUID
    is_sandbox: bool


def obstacle_to_closing(tenant_id: UUID) -> Obstacle | None:
    """Why it cannot be closed as long as it stands as it does (one query)."""
    with platform_scope(reason="obstacle to closing"):
        found = Tenant.objects.filter(Q(sandbox_of_id=tenant_id) | Q(pk=tenant_id, sandbox_of__isnull=False))
        kin = found.values_list("pk", "slug", "sandbox_of_id").first()
    if kin is None:
        return None
    pk, slug, source_id = kin
    if pk == tenant_id and source_id is not None:
        words = _("This is a sandbox: it is not closed, but removed, in the marketplace that it was made from.")
        return Obstacle(words, source_id, is_sandbox=True)
    return Obstacle(_("It has a sandbox, “%(slug)s”. Remove that first.") % {"slug": slug}, pk, is_sandbox=False)


def end_closing(*, tenant_id: UUID) -> Tenant:
    """Serve a closed organization again; in quarantine by its maintenance page, and suspended by whoever holds it now.

    Its domains were held all the time, and are looked at again; what waited in the outbox goes on.

    Raises:
        NotFound, WrongState: it is not closing, or is being erased.
        Busy: somebody has held its row for too long.
    """
    with platform_scope(reason="reopen tenant"), transaction.atomic():
        with lock_timeout():
            closed = next(iter(lock_rows(_closed(tenant_id))), None)
        if closed is None:
            raise _refusal(tenant_id)
        status = TenantStatus.SUSPENDED if holders_of(closed) else status_in_service(tenant_id)
        facts = {"closing_since_at": None, "erases_at": None, "closed_from": "", "updated_at": clock.now()}
        Tenant.objects.filter(pk=tenant_id).update(status=status, **facts)
        _let_know(tenant_id)
        transaction.on_commit(partial(wake, tenant_id=tenant_id), robust=True)
        return Tenant.objects.get(pk=tenant_id)


def pass_the_point_of_return(tenant_id: UUID) -> None:
    """From now on a closed organization is gone, whatever is still there of it. Quiet when it is so already.

    Raises:
        WrongState: somebody has opened it again.
    """
    with platform_scope(reason="tenant is erased"), transaction.atomic():
        if Tenant.objects.filter(pk=tenant_id, status=TenantStatus.ERASED).exists():
            return
        if not _closed(tenant_id).update(status=TenantStatus.ERASED, updated_at=clock.now()):
            raise _refusal(tenant_id)
        _let_know(tenant_id)


def due_for_erasing(*, now: datetime | None = None) -> dict[UUID, datetime]:
    """The organizations whose grace is over, the longest first, with the moment of their closing (one query)."""
    with platform_scope(reason="grace is over"):
        over = Tenant.objects.filter(status=TenantStatus.CLOSING, erases_at__lte=now or clock.now())
        found = over.exclude(closing_since_at=None).order_by("erases_at", "pk")
        return {pk: since for pk, since in found.values_list("pk", "closing_since_at") if since is not None}


def _closed(tenant_id: UUID) -> QuerySet[Tenant]:
    # Without the date it is not closed by somebody, but being taken back by the run that made it.
    return Tenant.objects.filter(pk=tenant_id, status=TenantStatus.CLOSING, closing_since_at__isnull=False)


def _let_know(tenant_id: UUID) -> None:
    transaction.on_commit(host_cache.clear, robust=True)
    transaction.on_commit(partial(part_sockets, tenant_id), robust=True)


def _refusal(tenant_id: UUID) -> NotFound | WrongState:
    found = Tenant.objects.filter(pk=tenant_id).values_list("status", flat=True).first()
    if found is None:
        return NotFound(_("This organization does not exist."))
    return WrongState(_("This organization is “%(status)s”; that cannot be done now.") % {"status": TenantStatus(found).label})
