"""What is to be done to each schema of one version, as data: stages, in order."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

# replay: SQL in one transaction. executor: one migration by Django's own executor. whole: Django's `migrate`, for schemas of
# a version of which nothing is known any more.
Road = Literal["replay", "executor", "whole"]


@dataclass(frozen=True, slots=True)
class Stage:
    """Neighbouring migrations that go the same road. `migrations` are of tenant apps, each "app.name".

    `records` are those that the schema notes besides: of apps whose tables stand in `public` only. `fingerprint` is that of
    a schema before this stage; empty where it is not known. `milliseconds` is what it took on an empty schema.
    """

    road: Road
    migrations: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    fingerprint: str = ""
    milliseconds: float = 0.0

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
    def milliseconds(self) -> float:
        """What one empty schema took."""
        return sum(stage.milliseconds for stage in self.stages)

    def without_fingerprints(self) -> Plan:
        """The plan for a schema that was looked at closely."""
        return Plan(self.source, tuple(replace(stage, fingerprint="") for stage in self.stages))

    def stages_as_json(self) -> list[dict[str, Any]]:  # Any: JSON
        return [stage.as_json() for stage in self.stages]
