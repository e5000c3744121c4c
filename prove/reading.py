"""From pytest's JUnit file to the figures of a suite."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

_CONTROL = re.compile(r"seeded|control|caught|does_mix|is_seen|opens_its_own_door|without_the")


@dataclass(slots=True)
class Figures:
    """One line of the report. A test that notes no figures of its own counts as one attempt, or as one control."""

    attempts: int = 0
    failures: int = 0
    controls_caught: int = 0
    controls: int = 0
    seconds: float = 0.0
    verdict: str = "failed"

    def as_row(self) -> dict[str, int | float | str]:
        return asdict(self)


def read_figures(report: Path, *, is_green: bool) -> Figures:
    """The sums over all tests of the file; "passed" when something was tried, nothing failed and every control was caught."""
    figures = Figures()
    cases = ET.parse(report).getroot().iter("testcase") if report.exists() else ()  # noqa: S314  # pytest wrote it just now
    for case in cases:
        _add(figures, case)
    figures.seconds = round(figures.seconds, 2)
    holds = is_green and figures.attempts > 0 and figures.failures == 0 and figures.controls_caught == figures.controls
    figures.verdict = "passed" if holds else "failed"
    return figures


def _add(figures: Figures, case: ET.Element) -> None:
    noted = {prop.get("name", ""): int(prop.get("value", "0")) for prop in case.iter("property")}
    is_red = case.find("failure") is not None or case.find("error") is not None
    figures.seconds += float(case.get("time", "0"))
    if not noted:
        is_control = bool(_CONTROL.search(case.get("name", "")))
        noted = {"controls": 1, "controls_caught": int(not is_red)} if is_control else {"attempts": 1}
    figures.attempts += noted.get("attempts", 0)
    figures.controls += noted.get("controls", 0)
    figures.controls_caught += noted.get("controls_caught", 0)
    figures.failures += noted.get("failures", 0) or int(is_red and not noted.get("controls"))
