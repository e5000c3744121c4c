"""Going back to any moment: the archive is written from a side cluster that stands there, and kept as one of our snapshots."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import IO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.utils.translation import gettext as _

from kernel.actor import Actor
from provisioning.archives.container import BLOCK_BYTES
from provisioning.archives.errors import ArchiveDoesNotFit, NotArchivable
from provisioning.archives.manifest import Manifest
from provisioning.archives.reading import opened_archive, verify_archive
from provisioning.archives.writing import Tell, write_archive
from provisioning.errors import NotYet, RunNotReady
from shared_apps.archives.models import Archive
from shared_apps.archives.services import note_kept
from tenants.clusters import DEFAULT
from tenants.context import TenantContext
from tenants.errors import MissingRole, MissingSchema
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope


@contextmanager
def led_to(cluster: str, host: str, port: str) -> Generator[None]:
    """This thread's connection to a cluster leads to another server with the same database and login, for the block.

    For a command, which does nothing else meanwhile.
    """
    leading = connections[cluster]
    before = {"HOST": leading.settings_dict["HOST"], "PORT": leading.settings_dict["PORT"]}
    leading.close()
    leading.settings_dict.update(HOST=host, PORT=port)
    try:
        yield
    finally:
        leading.close()
        leading.settings_dict.update(before)


def write_past(slug: str, file: IO[bytes], *, host: str, port: str, tell: Tell) -> Manifest:
    """Write the archive of an organization from the side cluster at `host`, as it was there; what was written.

    The side is one of the cluster on which the organization lives now. Of the registry's own cluster it has the registry of
    then, too, so that schema and version are those of then. Nothing is noted anywhere. Files are those that the store has now.

    Raises:
        NotArchivable: the server there has not been recovered to a moment, knew no such organization then, or had its schema
            in another version than this code's.
    """
    with platform_scope(reason="rewind"), led_to(_cluster_of(slug), host, port):
        tenant = _found(slug)
        if tenant is None:
            raise NotArchivable(f"At that moment there was no organization “{slug}”.")
        if not _stands_still(tenant):
            raise NotArchivable(f"{host}:{port} is no server that stands at a moment of the past: see point-in-time.md.")
        try:
            return write_archive(tenant, file, tell=tell)
        except NotYet:
            raise NotArchivable(
                f"At that moment {slug} was of version {tenant.schema_version}, which another release of this code writes."
            ) from None


def _cluster_of(slug: str) -> str:
    living = _found(slug)
    return DEFAULT if living is None else living.database


def _found(slug: str) -> TenantContext | None:
    tenant_id = Tenant.objects.filter(slug__iexact=slug).values_list("pk", flat=True).first()
    return None if tenant_id is None else context_for(tenant_id)


def _stands_still(tenant: TenantContext) -> bool:
    """Whether what would be read for the organization is a server in recovery, and not a living one."""
    try:
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            return bool(cursor.fetchone()[0])
    except (MissingRole, MissingSchema):
        raise NotArchivable(f"At that moment {tenant.slug} did not live there in its schema of today.") from None


def keep_snapshot(*, actor: Actor, tenant_id: UUID, file: IO[bytes]) -> Archive:
    """Keep an archive of this organization as one of its snapshots, of the moment of its rows, for two weeks.

    The whole file is read and compared before anything is stored.

    Raises:
        PermissionDenied: not for this actor.
        RunNotReady: the organization is gone.
        ArchiveRefused: the file is not to be believed, or not of this version; each kind has its class.
        ArchiveDoesNotFit: it is another organization's.
    """
    actor.require("tenants.edit")
    tenant = context_for(tenant_id)
    if tenant is None:
        raise RunNotReady(_("There is no such organization any more."))
    with opened_archive(file) as opened:
        verify_archive(opened)
        manifest = opened.manifest
    if manifest.organization_id != str(tenant_id):
        raise ArchiveDoesNotFit(_("This archive is another organization's."))
    archive = Archive(tenant_id=tenant_id, is_snapshot=True, requested_by=actor.label)
    size_bytes, sha256 = _measured(file)
    with tenant_scope(tenant):
        default_storage.save(archive.file_name, File(file))
    try:
        note_kept(archive, actor=actor, size_bytes=size_bytes, sha256=sha256, taken_at=manifest.created_at)
    except BaseException:
        with tenant_scope(tenant):
            default_storage.delete(archive.file_name)
        raise
    return archive


def _measured(file: IO[bytes]) -> tuple[int, str]:
    digest = hashlib.sha256()
    file.seek(0)
    for block in iter(partial(file.read, BLOCK_BYTES), b""):
        digest.update(block)
    size = file.tell()
    file.seek(0)
    return size, digest.hexdigest()
