"""Where in a TOML file a key stands: the standard library's reader keeps no lines, and complaints need them."""

from __future__ import annotations

import re

from themes.engine.errors import PackageError

_AT_LINE = re.compile(r"\(at line (\d+)")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"' -]+?)\s*\]\]?\s*(?:#.*)?$")


def line_of_key(text: str, error: PackageError) -> int:
    """The line of the key that `error` blames; that of its table where the key is absent, 0 where the file is at fault."""
    if found := _AT_LINE.search(error.cure):
        return int(found[1])
    if error.key == "(file)":
        return 0
    table, _, key = error.key.rpartition("] ")
    return _find(text, table.lstrip("["), key)


def _find(text: str, table: str, key: str) -> int:
    lines = text.splitlines()
    start = _table_line(lines, table)
    if start is None:
        # An inline table: `supports = { … }` within its parent.
        parent, _, name = table.rpartition(".")
        return _find(text, parent, name) if name else 0
    wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]")
    for number, line in enumerate(lines[start:], start=start + 1):
        if _HEADER.match(line):
            break
        if wanted.match(line):
            return number
    return _sub_table_line(lines, table, key) or start


def _table_line(lines: list[str], table: str) -> int | None:
    """How many lines stand up to and with the table's header; 0 for the top. `sections.hero.settings.2` is the second one."""
    if not table:
        return 0
    name, _, count = table.rpartition(".")
    wanted, nth = (name, int(count)) if count.isdecimal() else (table, 1)
    seen = 0
    for number, line in enumerate(lines, start=1):
        header = _HEADER.match(line)
        if header and header[2].replace(" ", "") == wanted:
            seen += 1
            if seen == nth:
                return number
    return None


def _sub_table_line(lines: list[str], table: str, key: str) -> int | None:
    return _table_line(lines, f"{table}.{key}" if table else key)
