"""Find a PgBouncer for the proof that we refuse one in transaction mode, or bring it from the system's packages."""

from __future__ import annotations

import sys

from ops.packages import bring_program, find_program


def find_pgbouncer() -> str | None:
    """The program's path: named by PGBOUNCER, or found on the PATH."""
    return find_program("pgbouncer")


def main() -> int:
    """Install one where none is found. Never fails: the tests that need it say what is missing."""
    return bring_program("pgbouncer")


if __name__ == "__main__":
    sys.exit(main())
