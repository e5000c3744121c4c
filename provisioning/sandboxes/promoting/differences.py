"""What was changed in a sandbox, told apart from what the marketplace changed since. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

type Values = Mapping[str, Any]  # Any: JSON
# Kind of thing → its id → what it says. Settings and look are one thing each, under no id.
type State = Mapping[str, Mapping[str, Values]]
type Act = Literal["added", "changed", "removed"]

# Part, as the owner chooses it → the kinds of things in it, in the order in which they can be written.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "settings": ("settings",),
    "theme": ("theme",),
    "catalog": ("category", "service"),
}
ABSENT: Final = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value. `is_contested`: the marketplace changed it, too, since the sandbox was made."""

    name: str
    old: Any  # Any: JSON
    new: Any  # Any: JSON
    is_contested: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was added, changed or removed. What is added or removed has all its values in `fields`."""

    kind: str
    key: str
    act: Act
    fields: tuple[FieldChange, ...]

    @property
    def part(self) -> str:
        """What the owner chooses it with."""
        return next(part for part, kinds in PARTS.items() if self.kind in kinds)

    @property
    def new_values(self) -> dict[str, Any]:  # Any: JSON
        return {field.name: field.new for field in self.fields}

    @property
    def old_values(self) -> dict[str, Any]:  # Any: JSON
        return {field.name: field.old for field in self.fields}

    def reversed(self) -> Change:
        """What takes it back."""
        act: Mapping[Act, Act] = {"added": "removed", "removed": "added", "changed": "changed"}
        fields = tuple(replace(field, old=field.new, new=field.old, is_contested=False) for field in self.fields)
        return Change(self.kind, self.key, act[self.act], fields)

    def as_json(self) -> dict[str, Any]:  # Any: JSON
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:  # Any: JSON
        """The change that `as_json` wrote."""
        fields = tuple(FieldChange(**field) for field in stored["fields"])
        return cls(stored["kind"], stored["key"], stored["act"], fields)


def differences(*, base: State, source: State, sandbox: State) -> list[Change]:
    """What was done in the sandbox since `base`, and is not so in the source already, in the order in which it can be written.

    What the marketplace did meanwhile is no difference: what is new there stays, and what it removed does not come back.
    """
    found: list[Change] = []
    for kind in (kind for kinds in PARTS.values() for kind in kinds):
        before, there, here = (state.get(kind, {}) for state in (base, source, sandbox))
        found += _written(kind, before, there, here)
        gone = sorted((before.keys() - here.keys()) & there.keys())
        found += [_removed(kind, key, before[key], there[key]) for key in gone]
    return found


def chosen(changes: Iterable[Change], parts: Iterable[str]) -> list[Change]:
    """Those of these parts."""
    kinds = {kind for part in parts for kind in PARTS.get(part, ())}
    return [change for change in changes if change.kind in kinds]


def seal_of(changes: Sequence[Change]) -> str:
    """A short name for exactly these changes: who was shown them has read what would be done."""
    told = json.dumps([change.as_json() for change in changes], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def still_standing(change: Change, now: Values | None) -> Change | None:
    """What of an undoing `change` can be done without losing what somebody did since: None, the change, or a part of it."""
    match change.act:
        case "added":
            return change if now is None else None
        case "removed":
            return change if now is not None and change.old_values.items() <= now.items() else None
        case _:
            kept = tuple(field for field in change.fields if now is not None and now.get(field.name, ABSENT) == field.old)
            return replace(change, fields=kept) if kept else None


def _written(kind: str, before: Mapping[str, Values], there: Mapping[str, Values], here: Mapping[str, Values]) -> list[Change]:
    found = []
    for key, values in here.items():
        if key in there:
            fields = tuple(_fields(before.get(key, {}), there[key], values))
            found += [Change(kind, key, "changed", fields)] if fields else []
        elif key not in before:
            fields = tuple(FieldChange(name, ABSENT, value) for name, value in sorted(values.items()))
            found.append(Change(kind, key, "added", fields))
    return found


def _fields(before: Values, there: Values, here: Values) -> Iterable[FieldChange]:
    for name in sorted(before.keys() | there.keys() | here.keys()):
        was, old, new = (values.get(name, ABSENT) for values in (before, there, here))
        if new not in (was, old):
            yield FieldChange(name, old, new, is_contested=old != was)


def _removed(kind: str, key: str, before: Values, there: Values) -> Change:
    fields = (
        FieldChange(name, value, ABSENT, is_contested=value != before.get(name, ABSENT))
        for name, value in sorted(there.items())
    )
    return Change(kind, key, "removed", tuple(fields))
