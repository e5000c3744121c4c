"""django-tenants' own `migrate_schemas` on a few schemas, by its own backend; prints the seconds of each line's schemas."""

from __future__ import annotations

import io
import os
import sys
import time
from contextlib import redirect_stdout


def main() -> None:
    """For each line on standard input, a list of schemas, migrate them all; answer with the seconds it took."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings_migrating"
    import django

    django.setup()
    from django_tenants.migration_executors import StandardExecutor

    for line in sys.stdin:
        # As the command calls it; the schemas are no tenants of the registry, so that nobody else brings them along.
        options = {
            "verbosity": 0, "interactive": False, "plan": False, "fake": False, "fake_initial": False, "run_syncdb": False,
            "check_unapplied": False, "prune": False, "database": "default", "app_label": None, "migration_name": None,
            "executor": "standard", "skip_checks": True, "no_color": True,
        }  # fmt: skip
        with redirect_stdout(io.StringIO()):
            started = time.perf_counter()
            StandardExecutor((), options).run_migrations(tenants=line.split())
            took = time.perf_counter() - started
        print(took, flush=True)


if __name__ == "__main__":
    main()
