"""Files under the random prefix of the tenant they belong to; nobody passes the prefix by hand."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final, cast

from django.core.files.storage import FileSystemStorage, storages
from storages.backends.s3 import S3Storage

from tenants.context import PlatformScope, TenantContext
from tenants.errors import WrongTenant
from tenants.scope import platform_scope, require_scope

_BLOCK_BYTES: Final = 256 * 1024
_TELL_AFTER_BYTES: Final = 8 * 1024 * 1024


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

    def read_range(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes `start` to before `stop` of a file, block by block.

        Raises:
            FileNotFoundError: there is none.
        """
        # Opened now: who asks for a file that is not there shall hear it before an answer has begun.
        file = self.open(name)
        file.seek(start)
        return _blocks_of(file, stop - start)

    @contextmanager
    def local_copy(self, name: str, *, tell: Callable[[], None] = lambda: None) -> Generator[IO[bytes]]:
        """A large file to jump about in, on this machine, where nothing has to be fetched."""
        del tell
        with self.open(name) as file:
            yield cast("IO[bytes]", file)


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

    def read_range(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """As on a disk: only these bytes are fetched from the store."""
        client = self.connection.meta.client
        try:
            # A range in HTTP names its last byte (RFC 9110 §14.1.2).
            body = client.get_object(Bucket=self.bucket_name, Key=self._key(name), Range=f"bytes={start}-{stop - 1}")["Body"]
        except client.exceptions.NoSuchKey as error:
            raise FileNotFoundError(name) from error
        return _blocks_of(body, stop - start)

    @contextmanager
    def local_copy(self, name: str, *, tell: Callable[[], None] = lambda: None) -> Generator[IO[bytes]]:
        """A large file to jump about in, fetched to this machine's disk; django-storages would fetch it to memory.

        `tell` is called now and then while it is fetched, in this thread.
        """
        client = self.connection.meta.client
        # Whoever is told keeps a lease: on the connection, and in the scope, of this thread.
        in_this_thread = type(self.transfer_config)(use_threads=False)
        with TemporaryFile() as file:
            try:
                client.download_fileobj(
                    self.bucket_name, self._key(name), file, Callback=_TellSometimes(tell), Config=in_this_thread
                )
            except client.exceptions.ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                    raise FileNotFoundError(name) from error
                raise
            file.seek(0)
            yield file

    def _key(self, name: str) -> str:
        return str(self._normalize_name(name))

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


def _blocks_of(source: Any, count: int) -> Generator[bytes]:  # Any: a file, or botocore's body of an answer
    """The next `count` bytes of `source`, which is closed at the end."""
    try:
        while count > 0 and (block := source.read(min(count, _BLOCK_BYTES))):
            count -= len(block)
            yield block
    finally:
        source.close()


class _TellSometimes:
    """What boto3 calls with the number of bytes that have come."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell, self._untold = tell, 0

    def __call__(self, count: int) -> None:
        self._untold += count
        if self._untold >= _TELL_AFTER_BYTES:
            self._untold = 0
            self._tell()


def large_files() -> TenantFileSystemStorage | TenantS3Storage:
    """The default storage, which reads parts of large files without taking them into memory."""
    storage = storages["default"]
    if not isinstance(storage, (TenantFileSystemStorage, TenantS3Storage)):
        raise TypeError(f"{type(storage).__name__} is no storage of ours.")
    return storage


def prepare_storage() -> None:
    """Make ready what files are written to, before anybody writes. May be called again."""
    storage = storages["default"]
    if isinstance(storage, TenantS3Storage):
        storage.make_bucket()
