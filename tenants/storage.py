"""Files under the random prefix of the tenant they belong to; nobody passes the prefix by hand."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage
from django.core.files.utils import validate_file_name
from storages.backends.s3 import S3Storage

from tenants.context import TenantContext
from tenants.errors import WrongTenant
from tenants.scope import require_scope


def scoped_name(name: str) -> str:
    """`name` below the current scope's prefix.

    Raises:
        WrongTenant: in a scope that has no files (template, pool).
        SuspiciousFileOperation: the name tries to leave the prefix.
    """
    validate_file_name(name, allow_relative_path=True)
    scope = require_scope()
    if isinstance(scope, TenantContext):
        return f"t/{scope.storage_prefix}/{name}"
    if scope.key == "platform":
        return f"platform/{name}"
    raise WrongTenant(f"The scope of {scope.key} has no files.")


class TenantFileSystemStorage(FileSystemStorage):
    """Files on this machine (demo, tests)."""

    def path(self, name: str) -> str:
        return super().path(scoped_name(name))


class TenantS3Storage(S3Storage):  # type: ignore[misc]  # django-storages is untyped
    """Files in an S3-compatible store; the prefix is part of each object's key."""

    def _normalize_name(self, name: str) -> str:
        return str(super()._normalize_name(scoped_name(name)))
