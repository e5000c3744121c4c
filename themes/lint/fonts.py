"""Rules about fonts: the header and table directory of WOFF2 (W3C, WOFF 2.0), read without decompressing anything."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from themes.lint.findings import Finding
from themes.lint.source import Source

HEAVIEST: Final = 60 * 1024
_HEADER: Final = struct.Struct(">4sIIHHIIHHIIIII")
_FLAVORS: Final = (0x00010000, 0x4F54544F, 0x74727565)
_MOST_TABLES: Final = 64
_LARGEST_UNPACKED: Final = 4 * 1024 * 1024
_OWN_TAG: Final = 0x3F
_GLYF, _LOCA = 10, 11
_NULL_TRANSFORM: Final = 3
_LONGEST_NUMBER: Final = 5


def font_findings(source: Source) -> Iterator[Finding]:
    for path in source.below("", ".woff2"):
        blob = source.files[path]
        if len(blob) > HEAVIEST:
            yield Finding(path, 0, "T407", f"{len(blob) // 1024} kB")
        problem = woff2_problem(blob)
        if problem:
            yield Finding(path, 0, "T406", problem)


def woff2_problem(blob: bytes) -> str:
    """Why these bytes are no WOFF2 font that we hand on; empty where they are one."""
    if len(blob) < _HEADER.size:
        return "shorter than a header"
    (
        signature,
        flavor,
        length,
        tables,
        reserved,
        unpacked,
        packed,
        *_versions,
        meta_at,
        meta,
        meta_unpacked,
        private_at,
        private,
    ) = _HEADER.unpack_from(blob)
    if signature != b"wOF2" or flavor not in _FLAVORS:
        return "it does not begin as a WOFF2 font does, or is a collection"
    if length != len(blob) or reserved:
        return "the header's length is not the file's"
    if any((meta_at, meta, meta_unpacked, private_at, private)):
        return "it carries metadata or private data"
    is_text_font = 0 < tables <= _MOST_TABLES and unpacked <= _LARGEST_UNPACKED
    return _directory_problem(blob, tables, packed) if is_text_font else "more tables or bytes than a text font has"


def _directory_problem(blob: bytes, tables: int, packed: int) -> str:
    try:
        end = _end_of_directory(blob, tables)
    except (IndexError, ValueError):
        return "its table directory cannot be read"
    # The compressed stream follows, padded to four bytes, and nothing comes after it.
    return (
        ""
        if packed and (end + packed + 3) // 4 * 4 in (len(blob), (len(blob) + 3) // 4 * 4)
        else "bytes are left over, or missing"
    )


def _end_of_directory(blob: bytes, tables: int) -> int:
    position = _HEADER.size
    for _ in range(tables):
        flags = blob[position]
        position += 5 if flags & _OWN_TAG == _OWN_TAG else 1
        _, position = _number(blob, position)
        tag, transform = flags & _OWN_TAG, flags >> 6
        is_transformed = transform != _NULL_TRANSFORM if tag in (_GLYF, _LOCA) else transform != 0
        if is_transformed:
            _, position = _number(blob, position)
    return position


def _number(blob: bytes, position: int) -> tuple[int, int]:
    """A UIntBase128 and where it ends. Raises ValueError for one that the specification refuses."""
    value = 0
    for count in range(_LONGEST_NUMBER):
        byte = blob[position + count]
        if count == 0 and byte == 0x80:  # noqa: PLR2004  # a leading zero, which the specification forbids
            raise ValueError
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, position + count + 1
    raise ValueError
