"""A process that creates tenant schemas the way django-tenants does by default; one line in, one duration out."""

from __future__ import annotations

import io
import os
import sys
import time
import uuid
from contextlib import redirect_stdout


def main() -> None:
    """For each line on standard input, create one schema; answer with its seconds."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings_default"
    import django

    django.setup()
    from django.db import connection
    from django_tenants.models import TenantMixin

    from tenants.models import Tenant

    for _line in sys.stdin:
        tenant = Tenant(schema_name=f"t_{uuid.uuid4().hex}")
        # Our own model refuses this method; the library's, as its save() calls it, is what is measured.
        with redirect_stdout(io.StringIO()):
            started = time.perf_counter()
            TenantMixin.create_schema(tenant, check_if_exists=True)
            took = time.perf_counter() - started
        print(took, tenant.schema_name, flush=True)
        connection.close()


if __name__ == "__main__":
    main()
