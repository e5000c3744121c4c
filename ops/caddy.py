"""Find a Caddy for the tests of certificates, or bring one from the system's packages."""

from __future__ import annotations

import sys

from ops.packages import bring_program, find_program


def find_caddy() -> str | None:
    """The program's path: named by CADDY, or found on the PATH."""
    return find_program("caddy")


def main() -> int:
    """Install one where none is found. Never fails: the tests that need it say what is missing."""
    return bring_program("caddy")


if __name__ == "__main__":
    sys.exit(main())
