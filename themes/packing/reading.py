"""Reads a package from a zip that anybody may have made: nothing is written, and only PackageError leaves.

Names, sizes and kinds are judged by the table of contents before a byte is unpacked, and again by what comes out of it.
"""

from __future__ import annotations

import io
import stat
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final

from themes.engine.errors import PackageError
from themes.packing.places import LARGEST_PACKAGE, LONGEST_PATH, MOST_FILES, has_place, is_package_id
from themes.packing.refusing import refusal

LARGEST_ZIP: Final = LARGEST_PACKAGE + 256 * 1024
_MOST_PACKAGES: Final = 8
_MOST_TIMES: Final = 100
_SMALL: Final = 16 * 1024
_ENCRYPTED_FLAGS: Final = 0x1 | 0x40 | 0x2000
_BEGINNING: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_MANIFEST: Final = "theme.toml"

type Files = Mapping[str, bytes]


def read_package(blob: bytes) -> tuple[str, Files]:
    """The one package in a zip, by its id. Raises PackageError, and nothing else, whatever the bytes are."""
    packages = read_packages(blob)
    if len(packages) != 1:
        raise refusal("", f"holds {len(packages)} packages; pack one")
    return next(iter(packages.items()))


def read_packages(blob: bytes) -> Mapping[str, Files]:
    """Every package in a zip: each in a folder named by its id, or one without a folder. Raises PackageError only."""
    if len(blob) > LARGEST_ZIP:
        raise refusal("", f"is larger than {LARGEST_ZIP // 1024} kB")
    # Something before or behind the archive is another file for another reader.
    if not blob.startswith(_BEGINNING) or blob[-_END_SIZE:-18] != _END:
        raise refusal("", "is no plain zip file: nothing may stand before or after it, not even a comment")
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            return _by_package(_unpacked(archive))
    except PackageError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a decoder trips over: the sender hears of it, and nobody else
        raise refusal("", f"cannot be read as a zip file ({type(error).__name__}); pack it with `theme pack`") from None


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = list(_members(archive))
    if sum(member.file_size for member in members) > LARGEST_PACKAGE:
        raise refusal("", f"unpacks to more than {LARGEST_PACKAGE // 1024} kB")
    files: dict[str, bytes] = {}
    for member in members:
        with archive.open(member) as file:
            blob = file.read(member.file_size + 1)
        if len(blob) != member.file_size:
            raise refusal(member.filename, "is not as long as the table of contents says")
        if blob.startswith(_BEGINNING):
            raise refusal(member.filename, "is a zip file itself; put its files there instead")
        files[member.filename] = blob
    return files


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    entries = archive.infolist()
    if len(entries) > 2 * MOST_FILES:
        raise refusal("", f"has more than {MOST_FILES} files")
    seen: set[str] = set()
    for entry in entries:
        _check_name(entry)
        _check_kind(entry)
        folded = entry.filename.casefold().rstrip("/")
        if folded in seen:
            raise refusal(entry.filename, "is there twice, or differs from another only in upper and lower case")
        seen.add(folded)
        if not entry.is_dir():
            yield entry
    if len(seen) > MOST_FILES:
        raise refusal("", f"has more than {MOST_FILES} files")


def _check_name(entry: zipfile.ZipInfo) -> None:
    """`orig_filename` is what the archive says; the library cuts at NUL and turns separators, so both must be one."""
    name = entry.orig_filename
    if name != entry.filename or not name.isascii() or not name.isprintable():
        raise refusal(name, "has a name with other than plain letters, digits, dots, hyphens and slashes")
    parts = name.removesuffix("/").split("/")
    if "\\" in name or ":" in name or name.startswith("/") or any(part in ("", ".", "..") for part in parts):
        raise refusal(name, "has a name that leads out of the package")
    if len(name) > LONGEST_PATH:
        raise refusal(name, f"has a name of more than {LONGEST_PATH} letters")


def _check_kind(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED_FLAGS:
        raise refusal(entry.filename, "is encrypted; pack it without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refusal(entry.filename, "is compressed in a way that we do not read; use plain zip")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG):
        raise refusal(entry.filename, "is a link or a device; put the file itself there")
    if entry.file_size > max(_SMALL, _MOST_TIMES * entry.compress_size):
        raise refusal(entry.filename, "unpacks to a hundred times its size")
    if entry.is_dir() and entry.file_size:
        raise refusal(entry.filename, "is a folder with content")


def _by_package(files: Mapping[str, bytes]) -> Mapping[str, Files]:
    if _MANIFEST in files:
        return {_id_in(files[_MANIFEST]): _placed("", files)}
    packages: dict[str, dict[str, bytes]] = {}
    for name, blob in files.items():
        package_id, _, path = name.partition("/")
        packages.setdefault(package_id, {})[path] = blob
    if not 0 < len(packages) <= _MOST_PACKAGES:
        raise refusal("", f"holds {len(packages)} folders; a package is one folder, named by its id")
    return {package_id: _placed(package_id, packages[package_id]) for package_id in sorted(packages)}


def _placed(package_id: str, files: Mapping[str, bytes]) -> Files:
    if package_id and not is_package_id(package_id):
        raise refusal(package_id, "is not the id of a package: 2 to 32 lower-case letters, digits or hyphens")
    for path in files:
        if not has_place(path):
            raise refusal(f"{package_id}/{path}".lstrip("/"), "has no place in a package; docs/how-to/themes.md shows the tree")
    if _MANIFEST not in files:
        raise refusal(f"{package_id}/{_MANIFEST}", "is missing")
    return files


def _id_in(manifest: bytes) -> str:
    theme = tomllib.loads(manifest.decode()).get("theme")
    package_id = theme.get("id") if isinstance(theme, dict) else None
    if not isinstance(package_id, str) or not is_package_id(package_id):
        raise refusal(_MANIFEST, "names no id of a package")
    return package_id
