"""Asking for an archive, noting how it gets on, and its end. What is written into it is `provisioning.archives`' business."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import Invalid
from kernel.events import publish
from shared_apps.archives.errors import TooManyArchives
from shared_apps.archives.events import ArchiveOrdered
from shared_apps.archives.models import Archive, TrustedKey
from shared_apps.archives.selectors import EXPORT
from shared_apps.archives.types import FOLDER, KEPT_FOR, MOST_KEPT, SNAPSHOT_KEPT_FOR, UNDER_WAY, ArchiveState
from shared_apps.audit.services import record
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

_KEY: Final = re.compile(r"[0-9a-f]{64}")


def order_archive(*, actor: Actor, tenant_id: UUID) -> Archive:
    """Ask for an archive of everything that an organization has here; workers begin after the commit (`ArchiveOrdered`).

    While one is under way it is the same one, however often and by however many at once it is asked for.

    Raises:
        PermissionDenied: the actor may not take the data away.
        TooManyArchives: there are three finished ones.
    """
    actor.require(EXPORT)
    with platform_scope(reason="order archive"), transaction.atomic():
        if Archive.objects.filter(tenant_id=tenant_id, is_snapshot=False, state=ArchiveState.READY).count() >= MOST_KEPT:
            raise TooManyArchives(
                _("There are %(count)d archives already. Each is deleted when its week is over; then you can ask again.")
                % {"count": MOST_KEPT}
            )
        archive = insert_or_none(Archive(tenant_id=tenant_id, requested_by=actor.label))
        if archive is None:
            return Archive.objects.get(tenant_id=tenant_id, is_snapshot=False, state__in=UNDER_WAY)
        _note("archive.ordered", archive, actor)
        publish(ArchiveOrdered(archive_id=archive.public_id))
    return archive


def order_snapshot(*, actor: Actor, tenant_id: UUID, unless_since: datetime | None = None) -> Archive | None:
    """Ask for a snapshot to go back to, kept for two weeks.

    None when there is one that was asked for since `unless_since`, or the organization is younger than that.

    While one is under way it is the same one.

    Raises:
        PermissionDenied: the actor does not work on organizations.
    """
    actor.require("tenants.edit")
    with platform_scope(reason="order snapshot"), transaction.atomic():
        standing = Archive.objects.filter(tenant_id=tenant_id, is_snapshot=True)
        if unless_since is not None and _is_recent(tenant_id, unless_since):
            return None
        archive = insert_or_none(Archive(tenant_id=tenant_id, is_snapshot=True, requested_by=actor.label))
        if archive is None:
            return standing.get(state__in=UNDER_WAY)
        _note("snapshot.ordered", archive, actor)
        publish(ArchiveOrdered(archive_id=archive.public_id))
    return archive


def note_kept(archive: Archive, *, actor: Actor, size_bytes: int, sha256: str, taken_at: datetime) -> None:
    """The file of this snapshot, which nobody has asked for, lies there: write it down, ready, for two weeks.

    Raises:
        PermissionDenied: the actor does not work on organizations.
    """
    actor.require("tenants.edit")
    with platform_scope(reason="keep snapshot"), transaction.atomic():
        archive.save()
        note_ready(archive.public_id, size_bytes=size_bytes, sha256=sha256, taken_at=taken_at)
        _note("snapshot.kept", archive, actor)


def _is_recent(tenant_id: UUID, since: datetime) -> bool:
    """Whether there is a snapshot from after `since`, or nothing from before it to go back to."""
    standing = Archive.objects.filter(tenant_id=tenant_id, is_snapshot=True).exclude(state=ArchiveState.FAILED)
    is_new = Tenant.objects.filter(pk=tenant_id, created_at__gt=since).exists()
    return is_new or standing.filter(created_at__gt=since).exists()


def note_progress(archive_id: UUID, *, rows: tuple[int, int], files: tuple[int, int]) -> None:
    """Show how far the writing is: done and total of rows and of files. May be called again; a finished one stays so."""
    with platform_scope(reason="archive progress"):
        Archive.objects.filter(public_id=archive_id).exclude(state__in=(ArchiveState.READY, ArchiveState.DELETED)).update(
            state=ArchiveState.WRITING,
            rows_done=rows[0],
            rows_total=rows[1],
            files_done=files[0],
            files_total=files[1],
            error="",
        )


def note_ready(
    archive_id: UUID, *, size_bytes: int, sha256: str, taken_at: datetime | None = None, now: datetime | None = None
) -> None:
    """The file is there, with rows of the moment `taken_at`: it can be fetched for a week. Called again: another week."""
    moment = now or clock.now()
    with platform_scope(reason="archive ready"), transaction.atomic():
        Archive.objects.filter(public_id=archive_id).update(
            state=ArchiveState.READY,
            size_bytes=size_bytes,
            sha256=sha256,
            taken_at=taken_at or moment,
            ready_at=moment,
            expires_at=Case(When(is_snapshot=True, then=Value(moment + SNAPSHOT_KEPT_FOR)), default=Value(moment + KEPT_FOR)),
            error="",
        )


def note_failed(archive_id: UUID, *, error: str) -> None:
    """Nobody works on it any more; whoever asked may ask for another. May be called again."""
    with platform_scope(reason="archive failed"):
        Archive.objects.filter(public_id=archive_id, state__in=UNDER_WAY).update(state=ArchiveState.FAILED, error=error)


def note_download(archive: Archive, *, actor: Actor) -> None:
    """Note in the audit trail that somebody began to fetch it."""
    with platform_scope(reason="archive fetched"), transaction.atomic():
        _note("archive.fetched", archive, actor)


def delete_archive(archive_id: UUID) -> None:
    """Delete the file, with what killed workers left of it, and note it. May be called again, also when there is nothing."""
    with platform_scope(reason="archive to delete"):
        archive = Archive.objects.filter(public_id=archive_id).first()
    tenant = None if archive is None else context_for(archive.tenant_id)
    if archive is None or tenant is None:
        return
    with tenant_scope(tenant):
        delete_files(archive)
    with platform_scope(reason="archive deleted"):
        # One that failed has its sentence to say, and never had a time that could be over.
        Archive.objects.filter(pk=archive.pk).exclude(state=ArchiveState.FAILED).update(state=ArchiveState.DELETED)


def delete_files(archive: Archive) -> None:
    """Delete whatever there is of the file, unfinished copies included. In the tenant's scope."""
    try:
        _folders, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for name in names:
        if name.startswith(archive.public_id.hex):
            default_storage.delete(f"{FOLDER}/{name}")


def delete_expired(*, now: datetime | None = None) -> int:
    """Delete the archives whose week is over; how many. May run again, and at the same time elsewhere."""
    with platform_scope(reason="expired archives"):
        due = Archive.objects.filter(state=ArchiveState.READY, expires_at__lte=now or clock.now())
        expired = list(due.order_by("id").values_list("public_id", flat=True))
    for archive_id in expired:
        delete_archive(archive_id)
    return len(expired)


def trust_key(*, actor: Actor, key: str, name: str) -> TrustedKey:
    """Believe archives that are signed with this key of another installation. Called again it renames the key.

    Raises:
        PermissionDenied: the actor does not create organizations.
        Invalid: it is no key; blames `key`.
    """
    actor.require("tenants.create")
    tidy = key.strip().lower()
    if not _KEY.fullmatch(tidy):
        raise Invalid(_("A key has 64 digits of 0-9 and a-f, as the other installation's command shows it."), field="key")
    with platform_scope(reason="trust key"), transaction.atomic():
        trusted, _created = TrustedKey.objects.update_or_create(
            key=tidy, defaults={"name": name, "trusted_by": actor.label, "trusted_at": clock.now()}
        )
        record(action="archive_key.trusted", actor_label=actor.label, actor_kind=actor.kind, target=tidy, reason=name)
    return trusted


def distrust_key(*, actor: Actor, key: str) -> bool:
    """Believe this key no more; whether it was believed. What was imported stays."""
    actor.require("tenants.create")
    with platform_scope(reason="distrust key"), transaction.atomic():
        deleted, _by_model = TrustedKey.objects.filter(key=key.strip().lower()).delete()
        if deleted:
            record(action="archive_key.distrusted", actor_label=actor.label, actor_kind=actor.kind, target=key)
    return bool(deleted)


def _note(action: str, archive: Archive, actor: Actor) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=archive.tenant_id,
        data={"archive": archive.outside_id},
    )
