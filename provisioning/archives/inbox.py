"""Archives that wait to be imported: copied to the platform's own files, where every worker finds them, under the run's id."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import IO, Final
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import Q

from kernel import clock
from provisioning.archives.reading import ArchiveReader, opened_archive
from provisioning.models import Run
from provisioning.types import RunKind, RunState
from shared_apps.archives.types import FOLDER
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope
from tenants.storage import large_files
from tenants.storage_by_prefix import delete_for_good

_FOLDER: Final = "imports"
# Between copying a file and writing its run down lies no more than this.
_UNCLAIMED: Final = timedelta(hours=1)
_OVER: Final = (RunState.DONE, RunState.UNDONE)


def put_in(file: IO[bytes], *, run_id: UUID) -> str:
    """Keep a copy of `file` for the run; its name."""
    file.seek(0)
    with platform_scope(reason="keep archive for import"):
        return str(default_storage.save(copy_for(run_id), File(file)))


def copy_for(run_id: UUID) -> str:
    """Under what name the copy for a run waits here, if there is one."""
    return f"{_FOLDER}/{run_id.hex}.zip"


def is_kept_by_tenant(name: str) -> bool:
    """Whether this is one of the organization's own archives, and no copy that waits here."""
    return name.startswith(f"{FOLDER}/")


@contextmanager
def opened(
    name: str, *, tenant: TenantContext | None = None, tell: Callable[[], None] = lambda: None
) -> Generator[ArchiveReader]:
    """The archive under this name, as `opened_archive`: a copy here, or one of `tenant`. The block runs in the caller's scope.

    `tell` is called now and then while it is fetched from a store.

    Raises:
        FileNotFoundError: it was taken away. ArchiveRefused: it is not what it was.
    """
    with ExitStack() as stack:
        with tenant_scope(tenant) if tenant is not None else platform_scope(reason="open archive"):
            file = stack.enter_context(large_files().local_copy(name, tell=tell))
        yield stack.enter_context(opened_archive(file))


def copies_of(tenant_id: UUID) -> list[str]:
    """The names of all copies that the organization was ever imported from, or a sandbox made of, there still or not."""
    about = Q(tenant_id=tenant_id, kind=RunKind.IMPORT_ORGANIZATION)
    about |= Q(kind=RunKind.CLONE_ORGANIZATION, request__source=tenant_id.hex)
    rows = Run.objects.filter(about).order_by("pk").values_list("public_id", "request__archive")
    # A copy is there a moment before its name is noted with the run.
    return [name or copy_for(run_id) for run_id, name in rows if not is_kept_by_tenant(name or "")]


def take_out(name: str) -> None:
    """Delete the copy, and what a store keeps of it. Quiet when there is none."""
    with platform_scope(reason="archive imported"):
        delete_for_good(name)


def tidy_inbox(*, now: datetime | None = None) -> int:
    """Delete the copies whose run is over, or was never written down; how many. May run again."""
    moment = now or clock.now()
    with platform_scope(reason="tidy imports"):
        try:
            _folders, names = default_storage.listdir(_FOLDER)
        except FileNotFoundError:
            return 0
        stale = [f"{_FOLDER}/{name}" for name in names if _is_over(name, moment)]
    for name in stale:
        take_out(name)
    return len(stale)


def _is_over(name: str, now: datetime) -> bool:
    run = Run.objects.filter(public_id=UUID(hex=name.partition(".")[0])).first()
    if run is not None:
        return run.state in _OVER
    return default_storage.get_modified_time(f"{_FOLDER}/{name}") < now - _UNCLAIMED
