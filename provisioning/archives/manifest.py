"""The manifest of an archive: what is in it, of which size and hash, and of which version of the tables. Strictly read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from django.utils.translation import gettext as _

from provisioning.archives.contents import SETTINGS
from provisioning.archives.errors import ArchiveDamaged, ArchiveOfOtherVersion

FORMAT: Final = "stoa-archive"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
TABLES: Final = "tables/"
FILES: Final = "files/"
# Names of our own making: no `..`, no empty or hidden part, nothing that a shell, a disk or a browser reads in another way.
_PART: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}"
SAFE_NAME: Final = re.compile(rf"(?:tables|files)(?:/{_PART}){{1,12}}")
_TABLE: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MAPPINGS: Final = frozenset({"theme_tokens", "vocabulary", "content"})
_LARGEST_NUMBER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Member:
    """One part of the archive, with the hash of what is unpacked. `rows` counts a table's; None for files."""

    name: str
    size: int
    sha256: str
    rows: int | None = None

    @property
    def table(self) -> str:
        """Whose rows these are."""
        return self.name.split("/")[1]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that the archive carries: its columns in the order of the rows' values, and how many rows."""

    name: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything about an archive but its members' bytes. `created_at` is aware; `domains` are canonical host names."""

    created_at: datetime
    installation: str
    organization_id: str
    settings: Mapping[str, Any]  # Any: JSON of the registry's columns
    schema_version: str
    migrations: tuple[str, ...]
    tables: tuple[Table, ...]
    sequences: Mapping[str, int]
    domains: tuple[str, ...] = ()
    members: tuple[Member, ...] = field(default=())

    @property
    def row_count(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def size(self) -> int:
        """Bytes of all members together, unpacked."""
        return sum(member.size for member in self.members)

    def parts(self) -> list[Member]:
        """The parts of tables, in the order in which they were written."""
        return [member for member in self.members if member.name.startswith(TABLES)]

    def files(self) -> list[Member]:
        """The organization's files."""
        return [member for member in self.members if member.name.startswith(FILES)]

    def as_bytes(self) -> bytes:
        """The text that is signed."""
        whole = {"format": FORMAT, "format_version": FORMAT_VERSION} | asdict(self)
        return json.dumps(whole, ensure_ascii=False, indent=1, default=_text_of, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The manifest that `as_bytes` wrote.

        Raises:
            ArchiveOfOtherVersion: of a format that this code does not know.
            ArchiveDamaged: anything else is not as it should be.
        """
        try:
            return cls._from_stored(json.loads(content))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ArchiveDamaged(_("The archive's table of contents cannot be read.")) from error

    @classmethod
    def _from_stored(cls, stored: Mapping[str, Any]) -> Self:  # Any: JSON
        if stored["format"] != FORMAT:
            raise ValueError(stored["format"])
        if stored["format_version"] != FORMAT_VERSION:
            raise ArchiveOfOtherVersion(_("This archive is of a format that this installation does not know yet: update it."))
        return cls(
            created_at=datetime.fromisoformat(_text(stored["created_at"])),
            installation=_text(stored["installation"]),
            organization_id=_text(stored["organization_id"]),
            settings=_settings(stored["settings"]),
            schema_version=_text(stored["schema_version"]),
            migrations=_texts(stored["migrations"]),
            tables=tuple(_table(item) for item in stored["tables"]),
            sequences={_matching(_TABLE, name): _number(value) for name, value in stored["sequences"].items()},
            domains=_texts(stored["domains"]),
            members=_members(stored["members"]),
        )


def _members(items: list[Mapping[str, Any]]) -> tuple[Member, ...]:  # Any: JSON
    members = tuple(
        Member(
            _matching(SAFE_NAME, item["name"]),
            _number(item["size"]),
            _matching(_SHA256, item["sha256"]),
            None if item["rows"] is None else _number(item["rows"]),
        )
        for item in items
    )
    if len({member.name for member in members}) != len(members):
        raise ValueError("a member twice")
    return members


def _table(item: Mapping[str, Any]) -> Table:  # Any: JSON
    columns = tuple(_matching(_TABLE, name) for name in item["columns"])
    return Table(_matching(_TABLE, item["name"]), columns, _number(item["rows"]))


def _settings(stored: Mapping[str, Any]) -> Mapping[str, Any]:  # Any: JSON
    if set(stored) != set(SETTINGS):
        raise ValueError("other settings")
    return {name: _mapping(value) if name in _MAPPINGS else _text(value) for name, value in stored.items()}


def _mapping(value: Any) -> dict[str, Any]:  # Any: JSON
    if not isinstance(value, dict):
        raise TypeError("no mapping")
    return value


def _text(value: Any) -> str:  # Any: JSON
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _texts(values: list[Any]) -> tuple[str, ...]:  # Any: JSON
    return tuple(_text(value) for value in values)


def _number(value: Any) -> int:  # Any: JSON
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError("no number")
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:  # Any: JSON
    if not pattern.fullmatch(_text(value)):
        raise ValueError(value)
    return str(value)


def _text_of(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not go into a manifest")
