"""Template lines that nobody can read or review: each has to fit beside another file on a screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ops.lint.running import Finding
from ops.local.home import ROOT

LONGEST_LINE: Final = 200
FOLDERS: Final = ("platform", "shared_apps", "tenant_apps", "provisioning", "themes")


def main() -> int:
    """Print every line that is too long, in the templates of this project; 1 when there is any."""
    findings = [found for folder in FOLDERS for found in check_templates((ROOT / folder).rglob("templates/**/*.html"))]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def check_templates(paths: Iterable[Path]) -> list[Finding]:
    """All lines of these templates that are longer than allowed, in order of their paths."""
    return [found for path in sorted(paths) for found in check_lines(path.read_text(encoding="utf-8"), path.as_posix())]


def check_lines(source: str, path: str) -> list[Finding]:
    """The findings in one template."""
    return [
        Finding(path, number, "TPL001", f"{len(line)} characters: wrap it, {LONGEST_LINE} are the most.")
        for number, line in enumerate(source.splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]


if __name__ == "__main__":
    sys.exit(main())
