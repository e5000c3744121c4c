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
