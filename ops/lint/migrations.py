"""The migrations rule: old code runs on the new schema while the fleet migrates, so a migration only adds (ADR 0010).

What takes away is the second half of an expansion of an earlier release, and says so: `expansion = "app.0002_name"` on the
Migration. Usage: `python -m ops.lint.migrations` prints `module: CODE message` for each finding and exits with 1.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from ops.lint.migration_rules import Look, problems_of

# The migrations that somebody has looked at, one "app.name" per line: those of installed packages, and those of ours that
# are older than a rule. A new one is looked at, whoever brings it.
_SEEN: Final = Path(__file__).with_name("seen_migrations.txt")
# A contract may do these; the others harm whatever came before.
_EXCUSED: Final = frozenset({"FLEET01", "FLEET02", "FLEET03", "FLEET04", "FLEET07"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that breaks old code, or holds it up."""

    migration: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.code} {self.message}"


def check_migration(
    migration: Migration, before: ProjectState, *, earlier: Iterable[str] = (), is_last: bool = True
) -> list[Finding]:
    """What is wrong with `migration`, which comes upon `before`; `earlier` are those it stands upon, each "app.name".

    `is_last`: no other migration of its app follows.
    """
    label = f"{migration.app_label}.{migration.name}"
    look = Look(migration, before.clone())
    found = [Finding(label, *problem) for operation in migration.operations for problem in _check(look, operation)]
    found += [Finding(label, *problem) for problem in _as_a_whole(migration, is_last=is_last)]
    expansion = getattr(migration, "expansion", "")
    if not expansion:
        return found
    if expansion not in set(earlier):
        return [*found, Finding(label, "FLEET09", f"expansion = {expansion!r} names no migration that this one stands upon")]
    return [finding for finding in found if finding.code not in _EXCUSED]


def check_all(loader: MigrationLoader, *, seen: Collection[str] | None = None) -> list[Finding]:
    """The findings in all migrations that are not in `seen`, except an app's first one."""
    known = frozenset(_SEEN.read_text().split()) if seen is None else frozenset(seen)
    state = ProjectState(real_apps=loader.unmigrated_apps)
    leaves, found = set(loader.graph.leaf_nodes()), []
    for key in _in_order(loader):
        migration = loader.graph.nodes[key]
        if not _is_first(migration) and ".".join(key) not in known:
            upon = {".".join(parent) for parent in loader.graph.forwards_plan(key)} - {".".join(key)}
            found += check_migration(migration, state, earlier=upon, is_last=key in leaves)
        state = migration.mutate_state(state, preserve=False)
    return found


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    plan: dict[tuple[str, str], None] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        plan |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return list(plan)


def _is_first(migration: Migration) -> bool:
    return bool(migration.initial) or migration.name.startswith("0001_")


def _as_a_whole(migration: Migration, *, is_last: bool) -> Iterator[tuple[str, str]]:
    if not migration.atomic and len(list(_flat(migration.operations))) > 1:
        yield "FLEET11", "not atomic, with several operations: killed between two of them, nobody knows which; one for each"
    if getattr(migration, "ahead_of_code", False) and not is_last:
        yield "FLEET12", "ahead_of_code, and another one follows: by now the code uses what it made; take the mark away"


def _flat(found: Iterable[Operation]) -> Iterator[Operation]:
    for operation in found:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _check(look: Look, operation: Operation) -> Iterator[tuple[str, str]]:
    """The problems of one operation; afterwards the state is that behind it."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _check(Look(look.migration, look.state.clone(), look.created), inner)
    elif isinstance(operation, operations.CreateModel):
        look.created.add(operation.name_lower)
    elif _model_of(operation) not in look.created:
        yield from problems_of(look, operation)
    operation.state_forwards(look.migration.app_label, look.state)


def _model_of(operation: Operation) -> str:
    return str(getattr(operation, "model_name_lower", "") or getattr(operation, "name_lower", ""))


def main() -> int:
    """Check all migrations of ours, and those of packages that came since somebody looked."""
    import django

    django.setup()
    findings = check_all(MigrationLoader(None))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
