"""Files by the prefix of a tenant that is gone, for provisioning's clean-up; whoever has a tenant uses the default storage."""

from __future__ import annotations

import posixpath
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

from tenants.storage import TenantS3Storage

_FOLDER = "t"


class _FilesOfAll(FileSystemStorage):
    @property
    def location(self) -> str:
        return str(Path(super().base_location).resolve() / _FOLDER)


class _ObjectsOfAll(TenantS3Storage):
    @property
    def location(self) -> str:
        return posixpath.join(self._base, _FOLDER)

    @location.setter
    def location(self, value: str) -> None:
        self._base = value


def storage_by_prefix() -> Storage:
    """Where the first folder of a name is a tenant's prefix; where the default storage has its files."""
    if isinstance(storages["default"], TenantS3Storage):
        return _ObjectsOfAll(**settings.STORAGES["default"]["OPTIONS"])
    return _FilesOfAll()


def forget_versions(prefix: str, *, at_most: int) -> int:
    """Delete up to `at_most` of what a store keeps of files below the prefix that were deleted, or written anew; how many.

    Such a store keeps each version of an object, and marks that say "deleted". A disk keeps nothing.
    """
    storage = storage_by_prefix()
    if not isinstance(storage, _ObjectsOfAll):
        return 0
    page = _versions(storage, prefix, at_most)
    if page:
        storage.connection.meta.client.delete_objects(Bucket=storage.bucket_name, Delete={"Objects": page, "Quiet": True})
    return len(page)


def count_versions(prefix: str, *, at_most: int = 1000) -> int:
    """How many versions and marks there are below the prefix, `at_most` of them counted; on a disk, of nothing."""
    storage = storage_by_prefix()
    return len(_versions(storage, prefix, at_most)) if isinstance(storage, _ObjectsOfAll) else 0


def _versions(storage: _ObjectsOfAll, prefix: str, at_most: int) -> list[dict[str, str]]:
    folder = posixpath.join(storage.location, prefix) + "/"
    page = storage.connection.meta.client.list_object_versions(Bucket=storage.bucket_name, Prefix=folder, MaxKeys=at_most)
    found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
    return [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
