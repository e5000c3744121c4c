"""A package as a zip: the same bytes each time, the same files back, and nothing but a refusal from an enemy's."""

from __future__ import annotations

import io
import stat
import struct
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.themes.breaches import ID, clean
from themes.engine.errors import PackageError
from themes.packing.places import LARGEST_PACKAGE, MOST_FILES, has_place
from themes.packing.reading import LARGEST_ZIP, read_package, read_packages
from themes.packing.writing import digest_of, files_below, write_folder, write_zip


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, blob in files.items():
            archive.writestr(name, blob)
    return written.getvalue()


def with_member(change, name: str = f"{ID}/README.md", blob: bytes = b"x") -> bytes:
    """A good package with one more member, whose entry `change` has changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path, content in clean().items():
            archive.writestr(f"{ID}/{path}", content)
        entry = zipfile.ZipInfo(name)
        change(entry)
        archive.writestr(entry, blob)
    return written.getvalue()


def nothing(_entry: zipfile.ZipInfo) -> None:
    """Changes nothing."""


def mode(kind: int):
    def change(entry: zipfile.ZipInfo) -> None:
        entry.create_system = 3
        entry.external_attr = (kind | 0o644) << 16

    return change


def patched(blob: bytes, old: bytes, new: bytes) -> bytes:
    assert old in blob
    assert len(old) == len(new)
    return blob.replace(old, new)


def encrypted() -> bytes:
    """The flag of encryption in the table of contents, as in the member's own header."""
    blob = bytearray(write_zip({ID: clean()}))
    local, central = blob.index(b"PK\x03\x04"), blob.index(b"PK\x01\x02")
    blob[local + 6] |= 1
    blob[central + 8] |= 1
    return bytes(blob)


def lying_about_its_size() -> bytes:
    """The table of contents says one byte; a bomb follows."""
    blob = bytearray(zipped({f"{ID}/README.md": b"\0" * 4_000_000}))
    central = blob.index(b"PK\x01\x02")
    blob[central + 24 : central + 28] = struct.pack("<I", 1)
    return bytes(blob)


GOOD = write_zip({ID: clean()})
HOSTILE = {
    "climbs out": with_member(nothing, f"{ID}/../../evil.md"),
    "climbs out at once": with_member(nothing, "../theme.toml"),
    "absolute": with_member(nothing, "/etc/cron.d/theme"),
    "a drive": with_member(nothing, "C:/theme.toml"),
    "a drive's separators": patched(with_member(nothing, f"{ID}/x/READM.md"), b"x/READM.md", b"x\\READM.md"),
    "NUL in a name": patched(with_member(nothing), b"README.md", b"REA\0ME.md"),
    "a look-alike letter": with_member(nothing, f"{ID}/preview/d\u0435sktop.webp"),
    "a full-width dot": with_member(nothing, f"{ID}/\uff0e\uff0e/evil.md"),
    "upper and lower case": with_member(nothing, f"{ID}/THEME.toml"),
    "one name twice": patched(with_member(nothing, f"{ID}/LICENSX"), b"LICENSX", b"LICENSE"),
    "a link": with_member(mode(stat.S_IFLNK), blob=b"/etc/passwd"),
    "a device": with_member(mode(stat.S_IFCHR)),
    "a pipe": with_member(mode(stat.S_IFIFO)),
    "encrypted": encrypted(),
    "a zip in the zip": with_member(nothing, blob=zipped({"a": b"b"})),
    "a script": with_member(nothing, f"{ID}/static/evil.js"),
    "compiled code": with_member(nothing, f"{ID}/templates/evil.pyc"),
    "a file in a file": with_member(nothing, f"{ID}/theme.toml/README.md"),
    "a bomb": zipped({f"{ID}/theme.toml": b"", f"{ID}/README.md": b"\0" * 4_000_000}),
    "a bomb that lies": lying_about_its_size(),
    "too large": zipped({f"{ID}/static/img/p{n}.png": bytes(range(256)) * 2400 for n in range(10)}, zipfile.ZIP_STORED),
    "too many files": zipped({f"{ID}/static/img/p{n}.png": b"" for n in range(MOST_FILES + 1)}),
    "another compression": zipped({f"{ID}/theme.toml": b"x"}, zipfile.ZIP_BZIP2),
    "a tail": GOOD + b"<script>",
    "a head": b"#!/bin/sh\n" + GOOD,
    "no manifest": zipped({f"{ID}/README.md": b""}),
    "no package": zipped({"README.md": b""}),
    "nothing": zipped({}),
    "no zip": b"PK\x03\x04 and then something else",
    "empty": b"",
    "a folder without an id": zipped({"Mint!/theme.toml": b""}),
    "more packages than there are": zipped({f"p{n}/theme.toml": b"" for n in "abcdefghijk"}),
}


@pytest.mark.parametrize("blob", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_zip_is_refused_with_a_reason(blob):
    with pytest.raises(PackageError) as refusal:
        read_packages(blob)

    assert refusal.value.cure
    assert refusal.value.file.isprintable()
    assert len(refusal.value.file) <= 80


def test_a_good_zip_is_read_so_that_the_refusals_above_have_their_own_reasons():
    assert read_package(with_member(nothing)) == (ID, {**clean(), "README.md": b"x"})


def test_packing_gives_the_same_bytes_whatever_the_order_and_the_clock():
    backwards = dict(reversed(clean().items()))

    assert write_zip({ID: backwards}) == GOOD
    assert digest_of({ID: backwards}) == digest_of({ID: clean()})


def test_a_package_comes_back_as_it_was_packed(tmp_path):
    package_id, files = read_package(GOOD)
    write_folder({package_id: files}, tmp_path / "version")

    assert files == clean()
    assert files_below(tmp_path / "version" / ID) == clean()
    assert digest_of({ID: files_below(tmp_path / "version" / ID)}) == digest_of({ID: clean()})


def test_a_zip_of_the_files_themselves_is_read_like_one_of_their_folder():
    assert read_package(zipped(clean())) == (ID, clean())


def test_two_packages_are_not_one():
    with pytest.raises(PackageError, match="holds 2 packages"):
        read_package(write_zip({ID: clean(), "lime": clean()}))


def test_one_other_byte_or_name_is_another_version():
    files = clean()
    others = [
        {ID: files | {"LICENSE": b"other"}},
        {ID: files | {"README.md": b""}},
        {"lime": files},
        {ID: files, "lime": {"LICENSE": b""}},
    ]

    assert len({digest_of({ID: files}), *map(digest_of, others)}) == len(others) + 1


def test_a_folder_that_is_there_is_kept_and_nothing_else_is_left(tmp_path):
    write_folder({ID: {"LICENSE": b"first"}}, tmp_path / "version")

    write_folder({ID: {"LICENSE": b"second"}}, tmp_path / "version")

    assert (tmp_path / "version" / ID / "LICENSE").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["version"]


@pytest.mark.parametrize(
    "path",
    ["", ".", "theme.toml/", "theme.toml\n", "static/img/../theme.css", "static/img/a.svg.exe", "templates/a.py", "x" * 200],
)
def test_other_paths_have_no_place(path):
    assert not has_place(path)


fuzzed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_or_refuse(blob: bytes) -> None:
    """Raises whatever is not a refusal; what is read keeps every promise."""
    try:
        packages = read_packages(blob)
    except PackageError:
        return
    for files in packages.values():
        assert all(has_place(path) for path in files)
    assert sum(len(blob) for files in packages.values() for blob in files.values()) <= LARGEST_PACKAGE


@fuzzed
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(blob):
    read_or_refuse(blob)
    read_or_refuse(b"PK\x03\x04" + blob + b"PK\x05\x06" + bytes(18))


@fuzzed
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_good_zip_with_other_bytes_in_it_is_read_or_refused(changes):
    blob = bytearray(GOOD)
    for position, byte in changes:
        blob[position] = byte

    read_or_refuse(bytes(blob))


@fuzzed
@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=40))
def test_a_good_zip_with_a_piece_replaced_is_read_or_refused(start, stop, piece):
    read_or_refuse(GOOD[: min(start, stop)] + piece + GOOD[max(start, stop) :])


@fuzzed
@given(name=st.text(min_size=1, max_size=60), blob=st.binary(max_size=60))
def test_whatever_a_member_is_called_nothing_is_written_outside(tmp_path_factory, name, blob):
    folder = tmp_path_factory.mktemp("zip", numbered=True)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(f"{ID}/theme.toml", b"")
        archive.writestr(f"{ID}/{name}", blob)

    try:
        packages = read_packages(written.getvalue())
    except PackageError:
        return
    write_folder(packages, folder / "version")

    assert {path.name for path in folder.iterdir()} == {"version"}
    assert files_below(folder / "version" / ID).keys() == packages[ID].keys()


def test_the_largest_zip_is_read_no_further():
    with pytest.raises(PackageError, match="is larger than"):
        read_packages(GOOD + b"\0" * LARGEST_ZIP)
