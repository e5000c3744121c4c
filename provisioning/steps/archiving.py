"""The one step of archiving: everything that an organization has here, in one file below its own prefix."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any, ClassVar, Final
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.archives.container import BLOCK_BYTES
from provisioning.archives.pacing import STORED_BYTES_PER_SECOND, now_and_then
from provisioning.archives.writing import Progress, write_archive
from provisioning.saga.step import SagaStep, Work
from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import archive_by_id
from shared_apps.archives.services import delete_archive, delete_files, note_progress, note_ready
from shared_apps.archives.types import ArchiveState
from tenants.scope import tenant_scope

_COUNTING_SECONDS: Final = 60


class WriteArchive(SagaStep):
    """Writes the archive to this machine's disk, then to the store. Killed, it begins again: rows are of one moment."""

    name: ClassVar[str] = "archive"
    label: ClassVar[Promise] = _("Writing your archive")

    def __init__(self) -> None:
        self._size = 0
        self._sha256 = ""
        self._taken_at: datetime | None = None

    def prepare(self, work: Work) -> None:
        archive = _archive(work)
        if archive.state == ArchiveState.READY:
            return

        # Until the first word of progress, rows are counted.
        work.keep(seconds=_COUNTING_SECONDS)

        def tell(progress: Progress) -> None:
            work.keep()
            rows, files = (progress.rows_done, progress.rows_total), (progress.files_done, progress.files_total)
            note_progress(archive.public_id, rows=rows, files=files)

        with TemporaryFile() as file:
            # The moment of its rows: the archive is of then, whenever it was asked for.
            self._taken_at = write_archive(work.tenant(), file, tell=tell).created_at
            self._size, self._sha256 = file.tell(), _hash_of(file, work.keep)
            work.keep(seconds=self._size // STORED_BYTES_PER_SECOND)
            with tenant_scope(work.tenant()):
                # A killed worker's: the store would give this one another name.
                delete_files(archive)
                default_storage.save(archive.file_name, File(file))
        work.keep()

    def check(self, work: Work) -> bool:
        return _archive(work).state == ArchiveState.READY

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        archive = _archive(work)
        note_ready(archive.public_id, size_bytes=self._size, sha256=self._sha256, taken_at=self._taken_at)
        return {"bytes": self._size, "sha256": self._sha256}

    def undo(self, work: Work) -> None:
        """Only the archive goes; the organization has nothing to do with it."""
        delete_archive(UUID(hex=work.request.archive))


def _archive(work: Work) -> Archive:
    return archive_by_id(UUID(hex=work.request.archive))


def _hash_of(file: IO[bytes], tell: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for block in now_and_then(iter(partial(file.read, BLOCK_BYTES), b""), tell):
        digest.update(block)
    file.seek(0)
    return digest.hexdigest()
