"""Files under the random prefix of the tenant they belong to; nobody passes the prefix by hand."""

from __future__ import annotations

import posixpath
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, storages
from storages.backends.s3 import S3Storage

from tenants.context import PlatformScope, TenantContext
from tenants.errors import WrongTenant
from tenants.scope import platform_scope, require_scope


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

    def __init__(self, **options: Any) -> None:  # Any: django-storages' own options
        # It looks at its location once, for a leading slash; whoever asks first need not be in a scope that has files.
        with platform_scope(reason="storage set-up"):
            super().__init__(**options)

    @property
    def location(self) -> str:
        return posixpath.join(self._base, scope_prefix())

    @location.setter
    def location(self, value: str) -> None:
        # django-storages sets what the OPTIONS say; that part comes first in every key.
        self._base = value

    def make_bucket(self) -> bool:
        """Make the bucket where there is none; whether it was made. May be called again.

        Raises:
            ClientError: the store refuses, for another reason than that the bucket is not there.
        """
        client = self.connection.meta.client
        try:
            client.head_bucket(Bucket=self.bucket_name)
        except client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                raise
            # Outside of its first region, S3 wants to be told where (the API's CreateBucketConfiguration).
            elsewhere = self.region_name not in {None, "us-east-1"}
            place = {"CreateBucketConfiguration": {"LocationConstraint": self.region_name}} if elsewhere else {}
            client.create_bucket(Bucket=self.bucket_name, **place)
            return True
        return False


def prepare_storage() -> None:
    """Make ready what files are written to, before anybody writes. May be called again."""
    storage = storages["default"]
    if isinstance(storage, TenantS3Storage):
        storage.make_bucket()
