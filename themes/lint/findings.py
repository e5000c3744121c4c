"""One complaint of the linter, and how it is told to people and to programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from themes.lint.rules import RULES, Level, Rule


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A breach of `rule` at `line` of `file` (0: the file as a whole), and what exactly stands there."""

    file: str
    line: int
    code: str
    what: str

    @property
    def rule(self) -> Rule:
        return RULES[self.code]

    @property
    def level(self) -> Level:
        return self.rule.level

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.level} {self.code}: {self.rule.title}: {self.what}. {self.rule.cure}"

    def as_row(self) -> dict[str, str | int]:
        """For programs: the keys stay as they are."""
        return {
            "rule": self.code,
            "level": self.level,
            "file": self.file,
            "line": self.line,
            "title": self.rule.title,
            "what": self.what,
            "cure": self.rule.cure,
        }


def errors_of(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Those that keep a package from being installed."""
    return [finding for finding in findings if finding.level == "error"]


def line_of(text: str, offset: int) -> int:
    """The number of the line on which the character at `offset` stands; the first is 1."""
    return text.count("\n", 0, offset) + 1
