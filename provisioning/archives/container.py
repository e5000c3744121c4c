"""The file itself: a ZIP archive (zip64), which any desktop opens. Written as a stream; read by suspicion.

A reader believes nothing that the directory says before it has looked: names, sizes and how far they blow up are bounded,
each member's bytes are counted and hashed while they pass.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.utils.translation import gettext as _

from provisioning.archives.errors import ArchiveCutOff, ArchiveDamaged, ArchiveNotOne, ArchiveTooBig
from provisioning.archives.manifest import MANIFEST, SAFE_NAME, SIGNATURE, Member

BLOCK_BYTES: Final = 256 * 1024
# Rows are repetitive, and the first level takes most of that; the next ones cost several times the time.
_LEVEL: Final = 1
_LARGEST_MANIFEST: Final = 64 * 1024 * 1024
_LARGEST_SIGNATURE: Final = 1024
_LARGEST_DIRECTORY: Final = 128 * 1024 * 1024
# Rows shrink to a fifth, pictures not at all. Small ones may shrink by more: what they blow up to is small as well.
_LARGEST_RATIO: Final = 200
_HARMLESS_BYTES: Final = 64 * 1024 * 1024

# PKWARE's APPNOTE 4.3.16, 4.3.15, 4.3.14: end of central directory, its zip64 locator, its zip64 record.
_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_SEE_ZIP64: Final = 0xFFFFFFFF
_ENCRYPTED: Final = 0x1
_FIRST_BYTES: Final = b"PK\x03\x04"

# All that zipfile raises of a broken file; of one that needs a newer ZIP, or a password, a RuntimeError.
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError, struct.error)


class ContainerWriter:
    """Writes members one after the other; nothing but the directory is kept in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, allowZip64=True, compresslevel=_LEVEL)

    def add(self, name: str, blocks: Iterable[bytes], *, is_packed: bool = False, rows: int | None = None) -> Member:
        """Add a member; `is_packed`: its content is compressed already, as pictures are."""
        # Named by a text, the member gets the archive's own compression; by a ZipInfo, none.
        entry: str | ZipInfo = ZipInfo(name) if is_packed else name
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as member:
            for block in blocks:
                digest.update(block)
                size += len(block)
                member.write(block)
        return Member(name, size, digest.hexdigest(), rows)

    def close(self) -> None:
        """Write the directory: without it there is no archive."""
        self._zip.close()


@dataclass(frozen=True)
class Container:
    """An archive whose outside was looked at: names, sizes, directory. What is inside is checked as it is read."""

    zip: ZipFile
    entries: dict[str, ZipInfo]

    def small(self, name: str) -> bytes:
        """The whole of the manifest or the signature.

        Raises:
            ArchiveNotOne: there is no such member. ArchiveTooBig, ArchiveDamaged.
        """
        entry = self.entries.get(name)
        if entry is None:
            raise ArchiveNotOne(_("This is a ZIP file, and no archive of an organization."))
        largest = _LARGEST_MANIFEST if name == MANIFEST else _LARGEST_SIGNATURE
        if entry.file_size > largest:
            raise ArchiveTooBig(_("The archive's table of contents is larger than any that we write."))
        # By what it says it is no larger; a reader without a limit would unpack a gigabyte at a time before it looked.
        with _reading(), self.zip.open(entry) as packed:
            return b"".join(iter(partial(packed.read, BLOCK_BYTES), b""))

    def blocks(self, member: Member) -> Generator[bytes]:
        """What is in `member`, block by block; the last one only when all of them had the hash of the manifest.

        Raises:
            ArchiveDamaged: it is not what was written.
        """
        digest, left, held = hashlib.sha256(), member.size, b""
        with _reading(), self.zip.open(self.entries[member.name]) as packed:
            while block := packed.read(BLOCK_BYTES):
                digest.update(block)
                left -= len(block)
                if left < 0:
                    break
                if held:
                    yield held
                held = block
        if left != 0 or digest.hexdigest() != member.sha256:
            raise ArchiveDamaged(_("“%(name)s” in the archive is not what was written into it.") % {"name": member.name})
        if held:
            yield held


@contextmanager
def opened_container(file: IO[bytes]) -> Generator[Container]:
    """Look at an archive from outside.

    Raises:
        ArchiveNotOne, ArchiveCutOff, ArchiveDamaged, ArchiveTooBig.
    """
    size = file.seek(0, 2)
    _look_at_end(file, size)
    with _reading():
        container = ZipFile(file)
    with container:
        yield Container(container, _looked_at(container.infolist(), size))


def _look_at_end(file: IO[bytes], size: int) -> None:
    """Whether there is an end, and a directory of a size that may be read into memory."""
    file.seek(0)
    is_zip = file.read(len(_FIRST_BYTES)) == _FIRST_BYTES
    # We write no comment, so the record is the file's very end.
    file.seek(max(0, size - _END.size))
    end = file.read()
    if not end.startswith(b"PK\x05\x06"):
        raise _no_end(is_zip=is_zip)
    directory_bytes = _END.unpack(end)[5]
    file.seek(max(0, size - _END.size - _LOCATOR.size))
    # The reader takes the other record for true wherever there is a locator, whatever the first one says.
    if directory_bytes == _SEE_ZIP64 or file.read(_LOCATOR.size).startswith(b"PK\x06\x07"):
        file.seek(max(0, size - _END.size - _LOCATOR.size - _END64.size))
        record = file.read(_END64.size)
        if not record.startswith(b"PK\x06\x06"):
            raise _no_end(is_zip=is_zip)
        directory_bytes = _END64.unpack(record)[8]
    if directory_bytes > _LARGEST_DIRECTORY:
        raise ArchiveTooBig(_("The archive lists more parts than any that we write."))


def _no_end(*, is_zip: bool) -> ArchiveNotOne | ArchiveCutOff:
    if is_zip:
        return ArchiveCutOff(_("The archive's end is missing: it was not downloaded, or copied, to the end. Fetch it again."))
    return ArchiveNotOne(_("This file is no archive of an organization."))


def _looked_at(entries: list[ZipInfo], size: int) -> dict[str, ZipInfo]:
    """The members by name, when each is of a kind that we write and all together blow up to no more than they may."""
    found = {entry.filename: entry for entry in entries}
    if len(found) != len(entries) or not all(_is_ours(entry) for entry in entries):
        raise ArchiveDamaged(_("The archive holds something that we never write into one: another name, kind or place."))
    packed, unpacked = sum(entry.compress_size for entry in entries), sum(entry.file_size for entry in entries)
    # Members that lie over each other are how a small file pretends to hold a large one.
    is_bomb = packed > size or unpacked > max(_HARMLESS_BYTES, packed * _LARGEST_RATIO)
    if is_bomb or unpacked > settings.ARCHIVE_MAX_BYTES:
        raise ArchiveTooBig(
            _("Unpacked, the archive would take %(count)d MB: more than it can honestly hold, or than is allowed here.")
            % {"count": unpacked // 1_000_000}
        )
    return found


def _is_ours(entry: ZipInfo) -> bool:
    return (
        (entry.filename in {MANIFEST, SIGNATURE} or SAFE_NAME.fullmatch(entry.filename) is not None)
        # zipfile cuts a name at a zero byte, so that the one in the file may be another.
        and entry.orig_filename == entry.filename
        and entry.compress_type in {ZIP_STORED, ZIP_DEFLATED}
        and not entry.flag_bits & _ENCRYPTED
    )


@contextmanager
def _reading() -> Generator[None]:
    """What Python's reader says of a broken file, in our words."""
    try:
        yield
    except _BROKEN as error:
        raise ArchiveDamaged(_("The archive is damaged: it cannot be unpacked.")) from error
