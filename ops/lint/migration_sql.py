"""What squawk, which reads PostgreSQL's own grammar and needs no network, says of the SQL in a migration."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

# Of its rules those that this is about. The time-outs and transactions that it also asks for are the fleet's business.
_BREAKING: Final = frozenset(
    {
        "adding-field-with-default",
        "adding-not-nullable-field",
        "adding-required-field",
        "ban-drop-column",
        "ban-drop-database",
        "ban-drop-table",
        "ban-truncate-cascade",
        "changing-column-type",
        "renaming-column",
        "renaming-table",
        "syntax-error",
    }
)
_LOCKING: Final = frozenset(
    {"require-concurrent-index-creation", "disallowed-unique-constraint", "adding-foreign-key-constraint"}
)


# What squawk has no rule for.
_TAKES_AWAY: Final = re.compile(
    r"\bDROP\s+(?:SCHEMA|(?:MATERIALIZED\s+)?VIEW|FUNCTION|PROCEDURE|ROUTINE|TRIGGER|TYPE|DOMAIN|SEQUENCE|CONSTRAINT|DEFAULT)\b",
    re.IGNORECASE,
)
_WITH_OWNERS_RIGHTS: Final = re.compile(r"\bSECURITY\s+DEFINER\b", re.IGNORECASE)
_IN_DOORS: Final = re.compile(r"\bFUNCTION\s+doors\.", re.IGNORECASE)
_CONCURRENTLY: Final = re.compile(r"\bCONCURRENTLY\b", re.IGNORECASE)
_UPDATE: Final = re.compile(r"^\s*(?:UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?\"?(\w+)\"?(?![^;]*\bWHERE\b)", re.IGNORECASE)


def findings_in_sql(text: str, *, big_tables: Collection[str]) -> Iterator[tuple[str, str]]:
    """Pairs of code and sentence. Locks are found on `big_tables` only."""
    lines = text.splitlines()
    yield from _found_by_words(text, big_tables)
    for problem in _asked(text):
        shown = " ".join(lines[problem["line"] : problem["line_end"] + 1]).strip()
        if problem["rule_name"] in _BREAKING:
            yield "FLEET07", f"squawk, {problem['rule_name']}: {problem['message']} ({shown})"
        elif problem["rule_name"] in _LOCKING and any(re.search(rf"\b{table}\b", shown) for table in big_tables):
            yield "FLEET05", f"squawk, {problem['rule_name']}: {problem['message']} ({shown})"


def _found_by_words(text: str, big_tables: Collection[str]) -> Iterator[tuple[str, str]]:
    if taken := _TAKES_AWAY.search(text):
        yield "FLEET07", f"{taken[0]}: the version before may still use it"
    if _WITH_OWNERS_RIGHTS.search(text) and not _IN_DOORS.search(text):
        yield "FLEET08", "SECURITY DEFINER: it runs past the wall between tenants; such a function stands in `doors` (ADR 0008)"
    if _CONCURRENTLY.search(text):
        yield "FLEET13", "CONCURRENTLY in RunSQL: a killed try is found again only after Django's own operation for it"
    for statement in text.split(";"):
        whole = _UPDATE.match(statement)
        if whole and whole[1].lower() in big_tables:
            yield "FLEET05", f"{whole[0].strip()}: every row of a big table in one transaction; in batches, by a task"


def _asked(text: str) -> list[dict[str, Any]]:  # Any: JSON
    program = Path(sys.executable).parent / "squawk"
    done = subprocess.run(
        [str(program), "--reporter=Json", "--pg-version=18"], input=text, capture_output=True, text=True, check=False
    )
    if not done.stdout.strip():
        raise RuntimeError(f"squawk did not answer: {done.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
