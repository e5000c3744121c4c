"""Runs every suite, two side by side, prints a table, writes a report to `prove/out`; 1 when something does not hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from prove.ending import ending_of
from prove.page import Proof, page_of
from prove.reading import Figures, last_lines, read_figures, red_tests
from prove.suites import SUITES, files_of
from tests.plugins.servers import start_servers, stop_servers

_ROOT: Final = Path(__file__).resolve().parent.parent
_OUT: Final = _ROOT / "prove" / "out"
_HEAD: Final = f"{'':22}{'attempts':>10}{'failures':>10}{'controls':>12}{'seconds':>10}  verdict\n"
_MINUTES: Final = "PROVE_MINUTES"
# What a person who asks for a proof is ready to wait, beside the suites that take as long as they take. CI asks for less.
_USUAL_MINUTES: Final = "10"
# The soak and the kills take the minutes themselves. Races are run again and again, in another order each time: seconds per
# minute asked.
_REPEATED: Final = "races."
_SECONDS_PER_MINUTE: Final = 3.0
# Suites mostly wait: for servers to start, for leases to end, for each other's threads.
_AT_ONCE: Final = 2


def main() -> int:
    """Prove everything, or the suites whose ids begin with one of the arguments."""
    _OUT.mkdir(parents=True, exist_ok=True)
    chosen = [name for name in SUITES if name.startswith(tuple(sys.argv[1:]) or "")]
    if not chosen:
        sys.stderr.write(f"There is no such suite. There are: {', '.join(SUITES)}.\n")
        return 2
    os.environ.setdefault(_MINUTES, _USUAL_MINUTES)
    sys.stdout.write(_HEAD)
    report = _report_of(chosen)
    proofs = _write(report)
    sys.stdout.write(ending_of(proofs, ends_of_logs={name: last_lines(_log(name).read_text()) for name in report}))
    return int(any(not figures.holds for figures in report.values()))


def _report_of(names: Sequence[str]) -> dict[str, Figures]:
    """The figures of each, on one PostgreSQL and one Redis for all: every process has databases and keys of its own."""
    start_servers()
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(_proved, names), strict=True))
    finally:
        stop_servers()


def _proved(name: str) -> Figures:
    """One round; races as many as fit into the time. The first round that does not hold is the last.

    Prints its lines when it is done, all at once.
    """
    minutes = float(os.environ[_MINUTES]) if name.startswith(_REPEATED) else 0.0
    figures = _round(name)
    while figures.holds and figures.seconds < minutes * _SECONDS_PER_MINUTE:
        figures = figures + _round(name)
    lines = [_line(name, figures)]
    if not figures.holds:
        lines.append(f"{'':22}see prove/out/{name}.log\n")
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    return figures


def _round(name: str) -> Figures:
    files = [str(file.relative_to(_ROOT)) for file in files_of(name)]
    report = _report(name)
    report.unlink(missing_ok=True)
    if not files:
        _log(name).write_text("No test is marked as one of it.\n")
        return Figures()
    options = [f"--prove={name}", f"--junitxml={report}", "-o", "junit_family=xunit1"]
    with _log(name).open("w") as log:
        # Our own interpreter on our own tests.
        command = [sys.executable, "-m", "pytest", "-q", *files, *options]
        done = subprocess.run(command, cwd=_ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    return read_figures(report, is_green=done.returncode == 0)


def _write(report: Mapping[str, Figures]) -> list[Proof]:
    """The figures for programs, and a page for people."""
    rows = {name: figures.as_row() for name, figures in report.items()}
    (_OUT / "report.json").write_text(json.dumps(rows, indent=2) + "\n")
    so_far = _counted_so_far(report)
    proofs = [
        Proof(name, SUITES[name], figures, [] if figures.holds else red_tests(_report(name)), so_far[name])
        for name, figures in report.items()
    ]
    page = page_of(proofs, now=datetime.now(UTC), commit=_commit(), minutes=float(os.environ[_MINUTES]))
    (_OUT / "report.html").write_text(page, encoding="utf-8")
    return proofs


def _counted_so_far(report: Mapping[str, Figures]) -> dict[str, int]:
    """The attempts of all runs in this working copy, this one included: rare faults show in sums that no single run reaches."""
    file = _OUT / "totals.json"
    before: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    so_far = before | {name: before.get(name, 0) + figures.attempts for name, figures in report.items()}
    file.write_text(json.dumps(so_far, indent=2) + "\n")
    return so_far


def _commit() -> str:
    """The short name of what was proved; empty where there is no git, as in an image."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        # Our own question to whatever git is there.
        done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def _report(name: str) -> Path:
    return _OUT / f"{name}.xml"


def _log(name: str) -> Path:
    return _OUT / f"{name}.log"


def _line(name: str, figures: Figures) -> str:
    controls = f"{figures.controls_caught}/{figures.controls}"
    return f"{name:22}{figures.attempts:>10}{figures.failures:>10}{controls:>12}{figures.seconds:>10.1f}  {figures.verdict}\n"


if __name__ == "__main__":
    sys.exit(main())
