"""Runs every suite, two side by side, prints a table, writes `prove/out/report.json`; 1 when something does not hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from prove.reading import Figures, failed_tests, read_figures
from prove.suites import SUITES, files_of
from tests.plugins.servers import start_servers, stop_servers

_ROOT: Final = Path(__file__).resolve().parent.parent
_OUT: Final = _ROOT / "prove" / "out"
_HEAD: Final = f"{'':22}{'attempts':>10}{'failures':>10}{'controls':>12}{'seconds':>10}  verdict\n"
# The soak takes the minutes itself. Races are run again and again, in another order each time: seconds per minute asked.
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
    sys.stdout.write(_HEAD)
    report = _report_of(chosen)
    (_OUT / "report.json").write_text(json.dumps({name: figures.as_row() for name, figures in report.items()}, indent=2) + "\n")
    failed = [name for name, figures in report.items() if not figures.holds]
    sys.stdout.write(f"\nprove: failed: {', '.join(failed)}\n" if failed else f"\nprove: all {len(report)} hold\n")
    return int(bool(failed))


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
    minutes = float(os.environ.get("PROVE_MINUTES", "0")) if name.startswith(_REPEATED) else 0.0
    figures = _round(name)
    while figures.holds and figures.seconds < minutes * _SECONDS_PER_MINUTE:
        figures = figures + _round(name)
    lines = [_line(name, figures)]
    if not figures.holds:
        lines += [f"{'':22}see prove/out/{name}.log\n", *(f"{'':22}{test}\n" for test in failed_tests(_report(name)))]
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    return figures


def _round(name: str) -> Figures:
    files = [str(file.relative_to(_ROOT)) for file in files_of(name)]
    if not files:
        return Figures()
    report = _report(name)
    report.unlink(missing_ok=True)
    options = [f"--prove={name}", f"--junitxml={report}", "-o", "junit_family=xunit1"]
    with (_OUT / f"{name}.log").open("w") as log:
        # Our own interpreter on our own tests.
        command = [sys.executable, "-m", "pytest", "-q", *files, *options]
        done = subprocess.run(command, cwd=_ROOT, stdout=log, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    return read_figures(report, is_green=done.returncode == 0)


def _report(name: str) -> Path:
    return _OUT / f"{name}.xml"


def _line(name: str, figures: Figures) -> str:
    controls = f"{figures.controls_caught}/{figures.controls}"
    return f"{name:22}{figures.attempts:>10}{figures.failures:>10}{controls:>12}{figures.seconds:>10.1f}  {figures.verdict}\n"


if __name__ == "__main__":
    sys.exit(main())
