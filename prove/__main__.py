"""Runs every suite after the other, prints a table, writes `prove/out/report.json`; 1 when something does not hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from prove.reading import Figures, read_figures
from prove.suites import SUITES, Suite

_ROOT: Final = Path(__file__).resolve().parent.parent
_OUT: Final = _ROOT / "prove" / "out"
_HEAD: Final = f"{'':22}{'attempts':>10}{'failures':>10}{'controls':>12}{'seconds':>10}  verdict\n"


def main() -> int:
    """Prove everything, or the suites whose ids begin with one of the arguments."""
    _OUT.mkdir(parents=True, exist_ok=True)
    chosen = [suite for suite in SUITES if suite.id.startswith(tuple(sys.argv[1:]) or "")]
    sys.stdout.write(_HEAD)
    report = {suite.id: _proved(suite) for suite in chosen}
    (_OUT / "report.json").write_text(json.dumps({name: figures.as_row() for name, figures in report.items()}, indent=2) + "\n")
    return int(any(figures.verdict != "passed" for figures in report.values()))


def _proved(suite: Suite) -> Figures:
    report = _OUT / f"{suite.id}.xml"
    report.unlink(missing_ok=True)
    narrowed = ["-k", suite.only] if suite.only else []
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *suite.paths,
        *narrowed,
        f"--junitxml={report}",
        "-o",
        "junit_family=xunit1",
    ]
    with (_OUT / f"{suite.id}.log").open("w") as log:
        # Our own interpreter on our own tests.
        done = subprocess.run(command, cwd=_ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    figures = read_figures(report, is_green=done.returncode == 0)
    sys.stdout.write(_line(suite.id, figures))
    sys.stdout.flush()
    return figures


def _line(name: str, figures: Figures) -> str:
    controls = f"{figures.controls_caught}/{figures.controls}"
    return f"{name:22}{figures.attempts:>10}{figures.failures:>10}{controls:>12}{figures.seconds:>10.1f}  {figures.verdict}\n"


if __name__ == "__main__":
    sys.exit(main())
