"""What is to be done to each schema of one version, as data: stages, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

# replay: SQL in one transaction. executor: one migration by Django's own executor. whole: one migration after the other by
# that, for schemas of a version of which nothing is known any more.
Road = Literal["replay", "executor", "whole"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Neighbouring migrations that go the same road. `migrations` are of tenant apps, each "app.name".

    `records` are those that the schema notes besides: of apps whose tables stand in `public` only. `contracts` are the
    migrations whose second half, which takes away, is among these. `leftovers` are the indexes that a killed try may leave
    half-built or half-dropped. `fingerprint` is that of a schema before this stage; empty where it is not known.
    `milliseconds` is what it took on an empty schema.
    """

    road: Road
    migrations: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    fingerprint: str = ""
    milliseconds: float = 0.0
    is_atomic: bool = True
    is_concurrent: bool = False

    def is_done_in(self, recorded: frozenset[str]) -> bool:
        """Whether a schema that notes these migrations has this stage behind it."""
        return self.road != "whole" and recorded.issuperset(self.migrations)

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:  # Any: JSON
        facts: dict[str, Any] = {}  # Any: JSON
        for name, value in stored.items():
            facts[name] = tuple(value) if isinstance(value, list) else value
        return cls(**facts)


@dataclass(frozen=True, slots=True)
class Plan:
    """From the version `source` to the code's. `fingerprint` is that of a schema that is through."""

    source: str
    stages: tuple[Stage, ...] = ()
    fingerprint: str = ""
    is_ahead: bool = False

    @property
    def is_slow(self) -> bool:
        """Whether a tenant needs more than one short transaction."""
        return any(stage.road != "replay" for stage in self.stages)

    @property
    def is_one_replay(self) -> bool:
        """Whether it is one short transaction in schemas that are known beforehand, of texts that are a statement each."""
        if len(self.stages) != 1:
            return False
        (stage,) = self.stages
        return stage.road == "replay" and bool(stage.fingerprint) and all(map(_is_one_statement, stage.statements))

    @property
    def is_whole(self) -> bool:
        """Whether it is not known beforehand what a tenant needs."""
        return any(stage.road == "whole" for stage in self.stages)

    @property
    def base(self) -> str:
        """The version whose code still runs on a schema that is through; empty when nobody can promise that.

        A contract takes away what code before its expansion reads, so the two in one plan leave no code but the newest.
        """
        added = {label for stage in self.stages for label in stage.migrations}
        takes_away = any(expansion in added for stage in self.stages for expansion in stage.contracts)
        return "" if takes_away else self.source

    @property
    def milliseconds(self) -> float:
        """What one empty schema took."""
        return sum(stage.milliseconds for stage in self.stages)

    def fingerprint_at(self, place: int) -> str:
        """The fingerprint of a schema before the stage at `place`, or behind the last one; empty where it is not known."""
        return self.stages[place].fingerprint if place < len(self.stages) else self.fingerprint

    def without_fingerprints(self) -> Plan:
        """The plan for a schema that was looked at closely."""
        return replace(self, stages=tuple(replace(stage, fingerprint="") for stage in self.stages), fingerprint="")

    def spelled_out(self, stages: Iterable[Stage]) -> Plan:
        """The plan for one schema of which nothing was known, now that somebody has looked."""
        return replace(self, stages=tuple(stages))

    def stages_as_json(self) -> list[dict[str, Any]]:  # Any: JSON
        return [stage.as_json() for stage in self.stages]


def _is_one_statement(text: str) -> bool:
    # What only looks like several (a semicolon in a comment) costs the tenant some round trips more.
    return ";" not in text.rstrip().rstrip(";")
