"""Writes an archive: rows of one moment, then files, then the signed table of contents. A part at a time in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO, Final

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from kernel import clock
from kernel.actor import Actor
from provisioning.archives.container import BLOCK_BYTES, ContainerWriter
from provisioning.archives.contents import REPLACED, SETTINGS, Replaced
from provisioning.archives.errors import NotArchivable
from provisioning.archives.manifest import FILES, MANIFEST, SAFE_NAME, SIGNATURE, TABLES, Manifest, Member
from provisioning.archives.signing import sign_manifest
from provisioning.archives.snapshot import Part, Snapshot, snapshot_of
from provisioning.errors import NotYet
from provisioning.files import files_below
from shared_apps.archives.types import FOLDER
from shared_apps.domains.selectors import domains_for
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.schemas import code_migrations, code_schema_version
from tenants.scope import platform_scope, tenant_scope

_ACTOR: Final = Actor.system("archive")
_WAIT_FOR_FLEET: Final = timedelta(minutes=1)
# What cannot be made smaller, by the end of its name.
_PACKED: Final = (".webp", ".png", ".jpg", ".jpeg", ".avif", ".woff2", ".zip", ".gz")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the writing is."""

    rows_done: int = 0
    rows_total: int = 0
    files_done: int = 0
    files_total: int = 0


type Tell = Callable[[Progress], None]


def write_archive(tenant: TenantContext, file: IO[bytes], *, tell: Tell, replacing: Replaced = REPLACED) -> Manifest:
    """Write all of `tenant` into `file`; what was written. `tell` is called after each part and each file.

    In place of the columns in `replacing` stands the SQL named there: by default of what is secret.

    The settings are read first, then the rows as they are at one moment, then the files: one that is added meanwhile may be
    in without its row. Must not be called inside a transaction.

    Raises:
        NotArchivable: the schema or a file is not of a form that an archive can carry.
        NotYet: its schema is still of another version than this code.
    """
    manifest = _described(tenant)
    with tenant_scope(tenant):
        names = [name for name in files_below(default_storage) if not name.startswith(f"{FOLDER}/")]
    # Closed in any case: a writer that is forgotten writes its directory when the file is closed already.
    with closing(ContainerWriter(file)) as writer:
        with snapshot_of(tenant, replacing=replacing) as snapshot:
            progress = Progress(rows_total=sum(table.rows for table in snapshot.tables), files_total=len(names))
            members = list(_write_tables(writer, snapshot, progress, tell))
            manifest = replace(manifest, created_at=snapshot.taken_at, tables=snapshot.tables, sequences=snapshot.sequences())
        with tenant_scope(tenant):
            members += _write_files(writer, names, replace(progress, rows_done=progress.rows_total), tell)
        manifest = replace(manifest, members=tuple(members))
        _sign(writer, manifest)
    return manifest


def _described(tenant: TenantContext) -> Manifest:
    """What the registry says of it."""
    if tenant.schema_version != code_schema_version():
        raise NotYet(f"Waiting until the fleet has migrated {tenant.slug} to this code's version.", wait=_WAIT_FOR_FLEET)
    with platform_scope(reason="settings for the archive"):
        row = Tenant.objects.get(pk=tenant.id)
        chosen = {name: getattr(row, name) for name in SETTINGS}
    domains = domains_for(actor=_ACTOR, tenant_id=tenant.id)
    return Manifest(
        created_at=clock.now(),
        installation=settings.PLATFORM_URL,
        organization_id=str(tenant.id),
        settings=chosen,
        schema_version=tenant.schema_version,
        migrations=tuple(sorted(code_migrations())),
        tables=(),
        sequences={},
        domains=tuple(domain.host for domain in domains),
    )


def _write_tables(writer: ContainerWriter, snapshot: Snapshot, progress: Progress, tell: Tell) -> Iterator[Member]:
    done = 0
    tell(progress)
    for table in snapshot.tables:
        for part in snapshot.parts(table):
            yield writer.add(_name_of(part), part.blocks, rows=part.rows)
            done += part.rows
            tell(replace(progress, rows_done=done))


def _name_of(part: Part) -> str:
    return f"{TABLES}{part.table}/{part.number:06d}.copy"


def _write_files(writer: ContainerWriter, names: list[str], progress: Progress, tell: Tell) -> Iterator[Member]:
    for number, name in enumerate(names, start=1):
        if not SAFE_NAME.fullmatch(FILES + name):
            raise NotArchivable(f"The name of the file {name!r} is none that an archive can carry.")
        try:
            file = default_storage.open(name)
        except FileNotFoundError:
            # Deleted meanwhile: then only its row knows of it.
            continue
        with file:
            yield writer.add(FILES + name, _blocks_of(file), is_packed=name.endswith(_PACKED))
        tell(replace(progress, files_done=number))


def _blocks_of(file: File[bytes]) -> Generator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _sign(writer: ContainerWriter, manifest: Manifest) -> None:
    content = manifest.as_bytes()
    writer.add(MANIFEST, [content])
    writer.add(SIGNATURE, [sign_manifest(content).as_bytes()])
