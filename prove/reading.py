"""From pytest's JUnit file to the figures of a suite."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

_LAST_LINES: Final = 6


@dataclass(slots=True)
class Figures:
    """One line of the report. A test that notes no figures of its own counts as one attempt, or as one control."""

    attempts: int = 0
    failures: int = 0
    controls_caught: int = 0
    controls: int = 0
    seconds: float = 0.0
    is_green: bool = False

    @property
    def holds(self) -> bool:
        """Something was tried, nothing failed, and what was sabotaged on purpose was caught: at least one thing was."""
        was_tried = self.attempts > 0 and self.controls > 0
        return self.is_green and was_tried and self.failures == 0 and self.controls_caught == self.controls

    @property
    def verdict(self) -> str:
        return "passed" if self.holds else "failed"

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.attempts + other.attempts,
            self.failures + other.failures,
            self.controls_caught + other.controls_caught,
            self.controls + other.controls,
            round(self.seconds + other.seconds, 2),
            is_green=self.is_green and other.is_green,
        )

    def as_row(self) -> dict[str, int | float | str]:
        """The report's row."""
        row = asdict(self)
        del row["is_green"]
        return row | {"verdict": self.verdict}


def read_figures(report: Path, *, is_green: bool) -> Figures:
    """The sums over all tests of the file. `is_green` is pytest's own word, which also knows of what never began."""
    figures = Figures(is_green=is_green)
    for case in _cases(report):
        _add(figures, case)
    figures.seconds = round(figures.seconds, 2)
    return figures


@dataclass(frozen=True, slots=True)
class RedTest:
    """A test that was red, or skipped, the first line of why, and the last lines of its traceback."""

    name: str
    reason: str
    ending: tuple[str, ...] = ()


def red_tests(report: Path) -> list[RedTest]:
    """What a suite's report tells of those that failed."""
    return [
        RedTest(f"{case.get('classname', '')}::{case.get('name', '')}", _reason_of(case), last_lines(_outcomes(case)[0].text))
        for case in _cases(report)
        if _is_red(case)
    ]


def last_lines(text: str | None) -> tuple[str, ...]:
    """The end of what is told, without empty lines."""
    return tuple(line.rstrip() for line in (text or "").splitlines() if line.strip())[-_LAST_LINES:]


def _cases(report: Path) -> list[ET.Element]:
    # pytest wrote it just now.
    return list(ET.parse(report).getroot().iter("testcase")) if report.exists() else []  # noqa: S314


def _is_red(case: ET.Element) -> bool:
    """Whether it failed, or was not run: what is skipped shows nothing, and neither does a failure that was expected."""
    return bool(_outcomes(case))


def _outcomes(case: ET.Element) -> list[ET.Element]:
    return [found for name in ("failure", "error", "skipped") if (found := case.find(name)) is not None]


def _reason_of(case: ET.Element) -> str:
    told = _outcomes(case)[0].get("message", "").strip()
    return told.splitlines()[0] if told else ""


def _add(figures: Figures, case: ET.Element) -> None:
    noted = {prop.get("name", ""): int(prop.get("value", "0")) for prop in case.iter("property")}
    is_red, is_control = _is_red(case), noted.pop("is_control", 0)
    figures.seconds += float(case.get("time", "0"))
    if case.find("skipped") is not None:
        # Nothing was shown, whatever had been noted by then.
        noted = {"controls": 1} if is_control else {"failures": 1}
    elif not noted:
        noted = {"controls": 1, "controls_caught": int(not is_red)} if is_control else {"attempts": 1}
    figures.attempts += noted.get("attempts", 0)
    figures.controls += noted.get("controls", 0)
    figures.controls_caught += noted.get("controls_caught", 0)
    figures.failures += noted.get("failures", 0) or int(is_red and not noted.get("controls"))
