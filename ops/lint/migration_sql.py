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


def findings_in_sql(text: str, *, big_tables: Collection[str]) -> Iterator[tuple[str, str]]:
    """Pairs of code and sentence. Locks are found on `big_tables` only."""
    lines = text.splitlines()
    for problem in _asked(text):
        shown = " ".join(lines[problem["line"] : problem["line_end"] + 1]).strip()
        if problem["rule_name"] in _BREAKING:
            yield "FLEET07", f"squawk, {problem['rule_name']}: {problem['message']} ({shown})"
        elif problem["rule_name"] in _LOCKING and any(re.search(rf"\b{table}\b", shown) for table in big_tables):
            yield "FLEET05", f"squawk, {problem['rule_name']}: {problem['message']} ({shown})"


def _asked(text: str) -> list[dict[str, Any]]:  # Any: JSON
    program = Path(sys.executable).parent / "squawk"
    done = subprocess.run(
        [str(program), "--reporter=Json", "--pg-version=18"], input=text, capture_output=True, text=True, check=False
    )
    if not done.stdout.strip():
        raise RuntimeError(f"squawk did not answer: {done.stderr.strip()}")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
