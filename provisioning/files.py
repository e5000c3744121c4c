"""All files of one tenant, whatever storage they are in."""

from __future__ import annotations

from django.core.files.storage import default_storage

from tenants.context import TenantContext
from tenants.scope import tenant_scope


def delete_files_of(tenant: TenantContext) -> int:
    """Delete everything below the tenant's prefix; how many files there were. May run again, and break off in between."""
    with tenant_scope(tenant):
        return _delete_folder("")


def count_files_of(tenant: TenantContext) -> int:
    """How many files lie below the tenant's prefix."""
    with tenant_scope(tenant):
        return _count("")


def _delete_folder(folder: str) -> int:
    folders, files = _list(folder)
    deleted = sum(_delete_folder(_join(folder, name)) for name in folders)
    for name in files:
        default_storage.delete(_join(folder, name))
    # On a disk a folder is a thing of its own; in an object store this deletes nothing.
    default_storage.delete(folder or ".")
    return deleted + len(files)


def _count(folder: str) -> int:
    folders, files = _list(folder)
    return len(files) + sum(_count(_join(folder, name)) for name in folders)


def _list(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder or ".")
    except FileNotFoundError:
        return [], []


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
