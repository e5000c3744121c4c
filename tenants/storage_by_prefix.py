"""Files by the prefix of a tenant that is gone, for provisioning's clean-up; whoever has a tenant uses the default storage."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

from kernel.errors import TemporaryFailure
from tenants.storage import TenantS3Storage

_FOLDER = "t"
# S3 deletes no more in one call (its DeleteObjects).
_AT_ONCE: Final = 1000


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
    """Delete up to `at_most` of what a store keeps of files below a tenant's prefix that it does not show any more; how many.

    Such a store keeps each version of an object, marks that say "deleted", and the parts of uploads that nobody finished. A
    disk keeps nothing. May be repeated.

    Raises:
        TemporaryFailure: the store keeps some, for a reason of its own.
    """
    storage = storage_by_prefix()
    if not isinstance(storage, _ObjectsOfAll):
        return 0
    folder = _key(storage, prefix)
    page = list(islice(_versions(storage, folder), min(at_most, _AT_ONCE)))
    _delete(storage, page)
    uploads = list(islice(_uploads(storage, folder), at_most - len(page)))
    for upload in uploads:
        storage.connection.meta.client.abort_multipart_upload(Bucket=storage.bucket_name, **upload)
    return len(page) + len(uploads)


def delete_for_good(name: str) -> None:
    """Delete a file of the scope with all of its versions. Quiet when there is none.

    Raises:
        TemporaryFailure: as above.
    """
    storage = storages["default"]
    storage.delete(name)
    if isinstance(storage, TenantS3Storage):
        key = posixpath.join(storage.location, name)
        versions = (version for version in _versions(storage, key) if version["Key"] == key)
        while page := list(islice(versions, _AT_ONCE)):
            _delete(storage, page)


def hidden_below(storage: Storage, folder: str = "") -> Iterator[str]:
    """The keys of all that `storage` keeps below a folder and does not show: as above. What it shows is among them."""
    if isinstance(storage, TenantS3Storage):
        for kept in (*_versions(storage, _key(storage, folder)), *_uploads(storage, _key(storage, folder))):
            yield kept["Key"]


def _versions(storage: TenantS3Storage, beginning: str) -> Iterator[dict[str, str]]:
    pages = storage.connection.meta.client.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=storage.bucket_name, Prefix=beginning):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield {"Key": one["Key"], "VersionId": one["VersionId"]}


def _uploads(storage: TenantS3Storage, beginning: str) -> Iterator[dict[str, str]]:
    pages = storage.connection.meta.client.get_paginator("list_multipart_uploads")
    for page in pages.paginate(Bucket=storage.bucket_name, Prefix=beginning):
        for one in page.get("Uploads", ()):
            yield {"Key": one["Key"], "UploadId": one["UploadId"]}


def _key(storage: TenantS3Storage, folder: str) -> str:
    return posixpath.join(storage.location, folder, "")


def _delete(storage: TenantS3Storage, page: list[dict[str, str]]) -> None:
    if not page:
        return
    client = storage.connection.meta.client
    answer = client.delete_objects(Bucket=storage.bucket_name, Delete={"Objects": page, "Quiet": True})
    # It is answered with 200 all the same; whoever went on would ask for the same page for ever.
    if refused := answer.get("Errors"):
        codes = ", ".join(sorted({str(error.get("Code")) for error in refused}))
        raise TemporaryFailure(f"the store keeps {len(refused)} of {len(page)} versions: {codes}", code="versions_kept")
