"""Files under the random prefix of the tenant they belong to; nobody passes the prefix by hand."""

from __future__ import annotations

import posixpath
from pathlib import Path

from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

from tenants.context import PlatformScope, TenantContext
from tenants.errors import WrongTenant
from tenants.scope import require_scope


def scope_prefix() -> str:
    """The folder of the current scope's files.

    Raises:
        NoTenant: outside of any scope.
        WrongTenant: in a scope that has no files (template, pool).
    """
    scope = require_scope()
    if isinstance(scope, TenantContext):
        return f"t/{scope.storage_prefix}"
    if isinstance(scope, PlatformScope):
        return "platform"
    raise WrongTenant(f"The scope of {scope.key} has no files.")


class TenantFileSystemStorage(FileSystemStorage):
    """Files on this machine (demo, tests). Django joins names safely: none leaves `location`."""

    @property
    def location(self) -> str:
        return str(Path(super().base_location).resolve() / scope_prefix())


class TenantS3Storage(S3Storage):  # type: ignore[misc]  # django-storages is untyped
    """Files in an S3-compatible store; the prefix is part of each object's key."""

    @property
    def location(self) -> str:
        return posixpath.join(self._base, scope_prefix())

    @location.setter
    def location(self, value: str) -> None:
        # django-storages sets what the OPTIONS say; that part comes first in every key.
        self._base = value
