"""The few files of an isolation test, which no rollback takes away: where they lie, and their end."""

from __future__ import annotations

import posixpath
from typing import Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage

from tenant_apps.providers.types import file_name
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope
from tenants.storage_by_prefix import storage_by_prefix

_WIDTH: Final = 96


def text_name(report_id: UUID) -> str:
    """A plain file, under the same name on both sides."""
    return f"isolation/{report_id.hex}.txt"


def picture_name(report_id: UUID) -> str:
    """A public picture, under the same name on both sides."""
    return file_name(report_id.hex, _WIDTH)


def put_file(name: str, content: str) -> None:
    """Write a file of the scope's marketplace anew."""
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content.encode()))


def prefix_of(report_id: UUID) -> str:
    """The folder of the made-up marketplace: told by the report, so that it is found again after a kill."""
    return report_id.hex[-24:]


def remove_files(tenant: TenantContext, report_id: UUID) -> None:
    """Delete whatever a test has written on both sides. May be called again, and when there is nothing."""
    names = (text_name(report_id), picture_name(report_id))
    with tenant_scope(tenant):
        for name in names:
            default_storage.delete(name)
    with platform_scope(reason="files of an isolation test"):
        _remove_all(storage_by_prefix(), prefix_of(report_id), names)


def _remove_all(storage: Storage, prefix: str, names: tuple[str, ...]) -> None:
    for name in names:
        storage.delete(f"{prefix}/{name}")
    # On a disk folders are things of their own; in an object store this deletes nothing.
    for folder in sorted({posixpath.dirname(name) for name in names}):
        _remove_folder(storage, f"{prefix}/{folder}")
    _remove_folder(storage, prefix)


def _remove_folder(storage: Storage, folder: str) -> None:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    if not folders and not files:
        storage.delete(folder)
