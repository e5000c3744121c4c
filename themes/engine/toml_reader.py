"""Reads a TOML table strictly: every value has a type, every key is known, and each complaint names file, key and cure."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from themes.engine.errors import PackageError

_LARGEST_FILE = 64 * 1024


def read_toml(path: Path, shown_path: str) -> TableReader:
    """The top table of a file. `shown_path` is how complaints name the file."""
    try:
        raw = path.read_bytes()
    except OSError:
        raise PackageError(shown_path, "(file)", "is missing or cannot be read; every theme package needs one") from None
    if len(raw) > _LARGEST_FILE:
        raise PackageError(shown_path, "(file)", f"is larger than {_LARGEST_FILE // 1024} kB; move texts to templates")
    try:
        values = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackageError(shown_path, "(file)", f"is not valid TOML: {error}") from None
    return TableReader(shown_path, "", values)


class TableReader:
    """One table. Each `take_…` removes a key; `finish` complains about keys that nobody took."""

    # Any: TOML values of mixed types, which every method narrows.
    def __init__(self, file: str, name: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self.name = name
        self._values = dict(values)
        self._known: list[str] = []

    def problem(self, key: str, cure: str) -> PackageError:
        return PackageError(self.file, f"[{self.name}] {key}" if self.name else key, cure)

    def keys(self) -> tuple[str, ...]:
        return tuple(self._values)

    def take(self, key: str) -> object:
        """The raw value, or None. For values that another schema checks."""
        self._known.append(key)
        return self._values.pop(key, None)

    def take_text(self, key: str, *, pattern: str = "", cure: str = "must be a text", default: str | None = None) -> str:
        value = self.take(key)
        if value is None:
            if default is None:
                raise self.problem(key, f"is missing; it {cure}")
            return default
        if not isinstance(value, str) or (pattern and not re.fullmatch(pattern, value, re.ASCII)):
            raise self.problem(key, f"{cure}, not {value!r}")
        return value

    def take_int(self, key: str, default: int | None = None) -> int | None:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.problem(key, f"must be a whole number, not {value!r}")
        return value

    def take_flag(self, key: str, *, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.problem(key, f"must be true or false, not {value!r}")
        return value

    def take_words(self, key: str) -> tuple[str, ...]:
        """A list of texts, each once; empty when it is absent."""
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.problem(key, "must be a list of texts")
        if len(set(value)) != len(value):
            raise self.problem(key, "names something twice; keep one of each")
        return tuple(value)

    def take_table(self, key: str) -> TableReader:
        """A sub-table; an empty one when it is absent."""
        value = self.take(key)
        if value is not None and not isinstance(value, dict):
            raise self.problem(key, f"must be a table: write [{self._child(key)}]")
        return TableReader(self.file, self._child(key), value or {})

    def take_tables(self, key: str) -> list[TableReader]:
        """An array of tables; empty when it is absent."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.problem(key, f"must be tables: write [[{self._child(key)}]]")
        return [TableReader(self.file, f"{self._child(key)}.{number}", item) for number, item in enumerate(value, start=1)]

    def finish(self) -> None:
        for key in self._values:
            near = difflib.get_close_matches(key, self._known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(set(self._known))) or 'nothing'}"
            raise self.problem(key, f"is not a key of this table; {hint}")

    def _child(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
