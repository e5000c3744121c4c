"""What pages and commands read about archives. Each enters the platform's scope by itself: a marketplace's may ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.signing import BadSignature
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from kernel.actor import Actor
from shared_apps.archives.errors import ArchiveLinkRefused, ArchiveNotFound
from shared_apps.archives.models import Archive, TrustedKey
from shared_apps.archives.types import LINK_LIFE, ArchiveState
from tenants.scope import current_tenant, platform_scope
from tenants.signing import sign, unsign

EXPORT = "data.export"
_PURPOSE = "archives.download"
_SHOWN = 20


def archives_for(*, actor: Actor, tenant_id: UUID) -> Sequence[Archive]:
    """The archives of an organization, the newest first (one query).

    Raises:
        PermissionDenied: the actor may not take the data away.
    """
    actor.require(EXPORT)
    with platform_scope(reason="archives"):
        return list(Archive.objects.filter(tenant_id=tenant_id, is_snapshot=False).order_by("-id")[:_SHOWN])


def snapshots_of(tenant_id: UUID) -> Sequence[Archive]:
    """The snapshots that an organization can be restored to, those of the latest moments first (one query).

    Not as they were asked for: one that is kept by `manage.py rewind` is of long before.
    """
    with platform_scope(reason="snapshots"):
        ready = Archive.objects.filter(tenant_id=tenant_id, is_snapshot=True, state=ArchiveState.READY)
        return list(ready.order_by(Coalesce("taken_at", "ready_at", "created_at").desc(), "-id"))


def recent_snapshots(*, actor: Actor, tenant_id: UUID) -> Sequence[Archive]:
    """The snapshots of an organization that are there, being written, or could not be; the newest first (one query).

    Raises:
        PermissionDenied: the actor may not see organizations.
    """
    actor.require("tenants.view")
    with platform_scope(reason="snapshots"):
        there = Archive.objects.filter(tenant_id=tenant_id, is_snapshot=True).exclude(state=ArchiveState.DELETED)
        return list(there.order_by("-id")[:_SHOWN])


def last_snapshot_at(*, actor: Actor, tenant_id: UUID) -> datetime | None:
    """Of which moment the newest snapshot is that the platform keeps; None: there is none (one query).

    Raises:
        PermissionDenied: the actor may not take the data away.
    """
    actor.require(EXPORT)
    newest = next(iter(snapshots_of(tenant_id)), None)
    return None if newest is None else newest.taken_at or newest.ready_at


def archive_by_id(archive_id: UUID) -> Archive:
    """One archive, for whoever writes it (one query).

    Raises:
        ArchiveNotFound: there is none; its organization may be gone.
    """
    with platform_scope(reason="archive"):
        found = Archive.objects.filter(public_id=archive_id).first()
    if found is None:
        raise ArchiveNotFound(_("There is no such archive."))
    return found


def download_token(archive: Archive, *, actor: Actor) -> str:
    """The part of a link by which this person, and nobody else, fetches this archive for a day. In the tenant's scope."""
    return sign(_PURPOSE, [archive.public_id.hex, actor.user_id])


def archive_behind(token: str, *, actor: Actor) -> Archive:
    """The archive to which `token` leads this person now (one query). In the tenant's scope.

    Raises:
        PermissionDenied: the actor may not take the data away (any more).
        ArchiveLinkRefused: the link is over, another person's, or the archive is gone.
    """
    actor.require(EXPORT)
    try:
        archive_hex, user_id = unsign(_PURPOSE, token, max_age=LINK_LIFE)
    except BadSignature:
        raise _refused() from None
    tenant = current_tenant()
    with platform_scope(reason="archive to fetch"):
        ready = Archive.objects.filter(tenant_id=tenant.id, is_snapshot=False, state=ArchiveState.READY)
        found = ready.filter(public_id=UUID(hex=archive_hex)).first() if user_id == actor.user_id else None
    if found is None:
        raise _refused()
    return found


def trusted_keys() -> Sequence[TrustedKey]:
    """The keys of other installations, in the order in which they came (one query)."""
    with platform_scope(reason="trusted keys"):
        return list(TrustedKey.objects.order_by("id"))


def _refused() -> ArchiveLinkRefused:
    return ArchiveLinkRefused(_("This link is over. Open “Your data” in the backoffice: a fresh one stands there."))
