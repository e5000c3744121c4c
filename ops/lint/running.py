"""Running a rule over files: what all rules that read Python share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ops.local.home import ROOT


@dataclass(frozen=True)
class Finding:
    """One breach of a rule, at a line of a file (relative to the root, with slashes)."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.message}"


type Rule = Callable[[str, str], list[Finding]]
"""All findings in a source that stands at a path (relative to the root, with slashes)."""


def check_files(rule: Rule, paths: Iterable[Path]) -> list[Finding]:
    """What `rule` finds in all Python files at or below `paths`."""
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*.py")))]
    return [found for file in files for found in rule(file.read_text(encoding="utf-8"), _relative(file))]


def check_command_line(rule: Rule, folders: Iterable[str]) -> int:
    """Print what `rule` finds in the paths of the command line, or in `folders`; 1 when there is anything."""
    findings = check_files(rule, [Path(argument) for argument in sys.argv[1:]] or [ROOT / name for name in folders])
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def _relative(file: Path) -> str:
    return file.resolve().relative_to(ROOT).as_posix()
