"""Archives made to fill the memory or the disk, or to be written elsewhere: signed, whole, and refused for what they are."""

from __future__ import annotations

import random
import struct
import tracemalloc
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile
from zlib import crc32

import pytest
from django.conf import settings

from provisioning.archives import container, errors
from provisioning.archives.manifest import MANIFEST, SIGNATURE
from provisioning.archives.reading import opened_archive, verify_archive
from tests.provisioning.archives.forging import forged, listed, parts_of, zipped
from tests.provisioning.archives.refusing import USERS, order, refused

pytestmark = pytest.mark.usefixtures("quiet")

# Places in a directory's entry (PKWARE's APPNOTE 4.3.12), counted from its signature.
_CRC, _PACKED, _UNPACKED = 16, 20, 24
_LARGE = 64 * 1024 * 1024


def _listing(files: Mapping[str, bytes]):
    """Signed as members of the archive, so that only what is being tested can refuse it."""

    def change(manifest):
        manifest["members"] += [listed(name, content) for name, content in files.items()]

    return change


def _with_entry(archive: bytes, name: str, **fields: int) -> bytes:
    """The archive with other numbers in the directory's entry of `name`."""
    changed, place = bytearray(archive), archive.rindex(name.encode()) - 46
    for field, value in fields.items():
        struct.pack_into("<L", changed, place + {"crc": _CRC, "packed": _PACKED, "unpacked": _UNPACKED}[field], value)
    return bytes(changed)


@pytest.mark.control
def test_files_that_are_listed_and_signed_are_taken(written):
    """Negative control: the forgeries below are refused for what they forge, not for being more than there were."""
    files = {f"files/{number}.bin": random.Random(number).randbytes(20_000) for number in range(2)}

    assert order(forged(written, _listing(files), parts=files)).pk


# --- sizes


def test_one_that_blows_up_to_more_than_it_can_honestly_hold(written):
    zeros = {"files/zeros.bin": bytes(container._HARMLESS_BYTES)}

    assert "it can honestly hold" in refused(forged(written, _listing(zeros), parts=zeros), errors.ArchiveTooBig)


def test_one_that_is_larger_than_is_allowed_here(written, monkeypatch):
    monkeypatch.setattr(settings, "ARCHIVE_MAX_BYTES", 1000)

    assert "than is allowed here" in refused(written, errors.ArchiveTooBig)


def test_a_member_that_holds_more_than_the_directory_says_is_damaged(written):
    name, content = "files/images/more.bin", b"x" * 1_000_000
    said = {name: content[:100]}
    file = forged(written, _listing(said), parts={name: content})

    assert "cannot be unpacked" in refused(_with_entry(file, name, unpacked=100), errors.ArchiveDamaged)


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, "files/more.bin"])
def test_what_a_member_holds_beyond_what_the_directory_says_never_gets_into_memory(written, name):
    """With a fitting checksum, too: what is read then is what was signed, and what is behind it is left alone."""
    files = {"files/more.bin": b"x" * 100}
    file = forged(written, _listing(files), parts=files)
    true = parts_of(file)[name]
    file = zipped(parts_of(file) | {name: true + bytes(_LARGE)})
    file = _with_entry(file, name, unpacked=len(true), crc=crc32(true))

    tracemalloc.start()
    try:
        with opened_archive(BytesIO(file)) as archive:
            verify_archive(archive)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < _LARGE // 4


def test_members_that_lie_over_each_other(written):
    """A small file pretends to hold a large one: the first member reaches to the end of the second, and both are as signed."""
    inner = {f"files/{number}.bin": random.Random(number).randbytes(20_000) for number in range(2)}
    both = zipped(inner, compression=ZIP_STORED)
    with ZipFile(BytesIO(both)) as packed:
        start = packed.getinfo("files/0.bin").header_offset + 30 + len("files/0.bin")
        end = packed.getinfo("files/1.bin").header_offset + 30 + len("files/1.bin") + 20_000
    reaching = both[start:end]
    whole = parts_of(forged(written, _listing(inner | {"files/0.bin": reaching})))
    file = zipped(whole | inner, compression=ZIP_STORED)
    overlapping = _with_entry(file, "files/0.bin", packed=len(reaching), unpacked=len(reaching), crc=crc32(reaching))

    assert "it can honestly hold" in refused(overlapping, errors.ArchiveTooBig)


def test_a_directory_that_would_fill_the_memory(written):
    end = bytearray(written[-22:])
    struct.pack_into("<L", end, 12, container._LARGEST_DIRECTORY + 1)

    assert "more parts" in refused(written[:-22] + bytes(end), errors.ArchiveTooBig)


def test_a_directory_that_would_fill_the_memory_by_its_other_record(written):
    """Python's reader takes zip64's record for true whenever its locator stands there, whatever the end itself says."""
    plain = forged(written)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, container._LARGEST_DIRECTORY + 1, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(plain) - 22, 1)

    assert "more parts" in refused(plain[:-22] + record + locator + plain[-22:], errors.ArchiveTooBig)


def test_a_table_of_contents_that_would_fill_the_memory(written, monkeypatch):
    monkeypatch.setattr(container, "_LARGEST_MANIFEST", 100)

    assert "table of contents is larger" in refused(written, errors.ArchiveTooBig)


# --- names that lead elsewhere

_OUTSIDE = ["files/../../outside.txt", "../outside.txt", "/etc/passwd", "files/a\\..\\b", "C:/x", "files/", "tables/x/./y"]


@pytest.mark.parametrize("name", _OUTSIDE)
def test_a_name_that_leads_elsewhere(written, name):
    other = {name: b"x"}

    assert "another name, kind or place" in refused(forged(written, _listing(other), parts=other), errors.ArchiveDamaged)


@pytest.mark.parametrize("name", _OUTSIDE)
def test_a_name_that_leads_elsewhere_in_the_table_of_contents_alone(written, name):
    assert "cannot be read" in refused(forged(written, _listing({name: b"x"})), errors.ArchiveDamaged)


def test_one_name_twice(written):
    file = BytesIO(written)
    with ZipFile(file, "a") as packed, pytest.warns(UserWarning, match="Duplicate name"):
        packed.writestr(USERS, b"other rows\n")

    assert "another name, kind or place" in refused(file.getvalue(), errors.ArchiveDamaged)
