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
    from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
    from django_tenants.migration_executors import StandardExecutor

    # As the command calls it; the schemas are no tenants of the registry, so that nobody else brings them along.
    parser = MigrateSchemasCommand().create_parser("manage.py", "migrate_schemas")
    options = vars(parser.parse_args(["--tenant", "--verbosity", "0", "--noinput"]))
    for line in sys.stdin:
        with redirect_stdout(io.StringIO()):
            started = time.perf_counter()
            StandardExecutor((), options).run_migrations(tenants=line.split())
            took = time.perf_counter() - started
        print(took, flush=True)


if __name__ == "__main__":
    main()
