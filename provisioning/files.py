"""The files of tenants, as a whole: what is taken away with the tenant, and what was written after that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.core.files.storage import Storage, default_storage
from django.db.models import Q

from kernel import clock
from provisioning.models import Step
from provisioning.types import RunKind, RunState, StepState
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.storage_by_prefix import forget_versions, hidden_below, storage_by_prefix

PREFIX_KEY: Final = "files"
"""Under this name the result of the step that made a tenant keeps where its files are, when the tenant itself is gone."""

# In an object store each is a call: together they have to fit well into one lease.
_AT_ONCE: Final = 50
_LATECOMERS: Final = timedelta(days=2)


def delete_files_of(tenant: TenantContext, *, at_most: int = _AT_ONCE) -> bool:
    """Delete up to `at_most` of the files below the tenant's prefix; whether none is left. May run again."""
    with tenant_scope(tenant):
        gone = _delete(default_storage, "", at_most)
    # Of what a store shows no more, the same: a part under each lease.
    return gone + forget_versions(tenant.storage_prefix, at_most=at_most) < at_most


def delete_below(prefix: str, *, tell: Callable[[], None]) -> int:
    """Delete every file below a tenant's prefix, and whatever a store keeps of earlier ones; how many. May run again.

    `tell` is called after each part.
    """
    storage, gone = storage_by_prefix(), 0
    while part := _delete(storage, prefix, _AT_ONCE):
        gone += part
        tell()
    while forget_versions(prefix, at_most=_AT_ONCE):
        tell()
    return gone


def all_below(storage: Storage, folder: str = "") -> Iterator[str]:
    """The names of all files, and the keys of what a store keeps of them and does not show."""
    yield from files_below(storage, folder)
    yield from hidden_below(storage, folder)


def files_below(storage: Storage, folder: str = "") -> Iterator[str]:
    """The names of all files, those of a folder in order before those of its folders."""
    folders, files = _list(storage, folder)
    yield from (_join(folder, name) for name in sorted(files))
    for name in sorted(folders):
        yield from files_below(storage, _join(folder, name))


def delete_latecomers(*, now: datetime | None = None) -> int:
    """Delete what was written for tenants after they had been taken back, or erased; the number of files.

    A request or handler that hung for long may still end with a file. Looks at the prefixes that such runs of the last
    days noted, and at nothing else: a registry restored from yesterday's backup must not cost today's tenants their files.
    """
    storage = storage_by_prefix()
    with platform_scope(reason="find prefixes of undone runs"):
        undone = Q(state=StepState.UNDONE, run__state=RunState.UNDONE)
        erased = Q(run__kind=RunKind.ERASE_ORGANIZATION, run__state=RunState.DONE)
        over = Step.objects.filter(
            undone | erased, result__has_key=PREFIX_KEY, run__finished_at__gt=(now or clock.now()) - _LATECOMERS
        )
        noted = over.values_list(f"result__{PREFIX_KEY}", flat=True)
        # A step that copied files notes under this name how many there were.
        prefixes = {prefix for prefix in noted if isinstance(prefix, str)}
        prefixes -= set(Tenant.objects.filter(storage_prefix__in=prefixes).values_list("storage_prefix", flat=True))
    return sum(_delete_late(storage, prefix) for prefix in sorted(prefixes))


def _delete_late(storage: Storage, prefix: str) -> int:
    gone = _delete(storage, prefix, _AT_ONCE)
    # Also where the store shows nothing: a round before may have ended, or been refused, in between; and an upload that
    # nobody finished is not shown.
    forget_versions(prefix, at_most=_AT_ONCE * 2)
    return gone


def _delete(storage: Storage, folder: str, at_most: int) -> int:
    folders, files = _list(storage, folder)
    deleted = 0
    for name in folders:
        deleted += _delete(storage, _join(folder, name), at_most - deleted)
        if deleted >= at_most:
            return deleted
    for name in files[: at_most - deleted]:
        storage.delete(_join(folder, name))
    deleted += min(len(files), at_most - deleted)
    if deleted < at_most:
        # On a disk a folder is a thing of its own; in an object store this deletes nothing.
        storage.delete(folder or ".")
    return deleted


def _list(storage: Storage, folder: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(folder or ".")
    except FileNotFoundError:
        return [], []


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
