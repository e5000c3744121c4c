"""An isolation report as its page shows it: the attempts of each family, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.types import FAMILIES, Family, Result


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt. `outward`: from this marketplace to the other; `inward`: from the other to this one."""

    text: Promise
    outward: Result
    inward: Result


@dataclass(frozen=True, slots=True)
class FamilyLines:
    """The attempts of one sort. `refused` of `count` were, both directions counted."""

    family: Family
    lines: Sequence[Line]
    refused: int
    count: int


@dataclass(frozen=True, slots=True)
class ReportLines:
    """A whole report. Each of `refused`, `reached` and `untried` counts attempts, each direction by itself."""

    families: Sequence[FamilyLines]
    refused: int
    reached: int
    untried: int

    @property
    def count(self) -> int:
        return self.refused + self.reached + self.untried


def lines_of(report: IsolationReport) -> ReportLines:
    """What a report says, family by family. An attempt that this version of the code does not name is left to the file."""
    families = [_family_lines(family, report.trials.get(family.id, [])) for family in FAMILIES]
    results = [Result(trial["result"]) for trials in report.trials.values() for trial in trials]
    return ReportLines(
        families=[found for found in families if found.lines],
        refused=results.count(Result.REFUSED),
        reached=results.count(Result.REACHED),
        untried=results.count(Result.UNTRIED),
    )


def _family_lines(family: Family, trials: Sequence[Mapping[str, Any]]) -> FamilyLines:  # Any: JSON
    results = {(trial["attempt"], trial["direction"]): Result(trial["result"]) for trial in trials}
    lines = [
        Line(text, results[attempt, "out"], results[attempt, "in"])
        for attempt, text in family.attempts.items()
        if (attempt, "out") in results and (attempt, "in") in results
    ]
    return FamilyLines(family, lines, list(results.values()).count(Result.REFUSED), len(results))
