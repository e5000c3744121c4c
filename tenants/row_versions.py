"""Which version of the registry's rows stands behind a host: what is built from equal versions need not be built again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import connection

from tenants.scope import platform_scope

# PostgreSQL's own mark of a row's version: the transaction that wrote it, and where it lies. No writer has to think of it, as
# of a column with a number. VACUUM, in whichever form, leaves the first and may change the second; a row loaded from a backup
# has another transaction. Only a server that forgot what it had told (a replica that was promoted, an earlier day that was
# brought back) numbers its transactions once more, so the start of the server belongs to the mark.
# A context is made of the tenant's row, those of all its domains and, for a sandbox, that of its source.
_VERSIONS: Final = """
    SELECT asked.host, concat_ws(' ', pg_postmaster_start_time(), t.xmin, t.ctid, s.xmin, s.ctid,
        string_agg(concat_ws(' ', d.xmin, d.ctid), ',' ORDER BY d.id))
    FROM tenants_domain asked
    JOIN tenants_tenant t ON t.id = asked.tenant_id
    JOIN tenants_domain d ON d.tenant_id = t.id
    LEFT JOIN tenants_tenant s ON s.id = t.sandbox_of_id
    WHERE asked.host = ANY(%s)
    GROUP BY asked.host, t.id, s.id
"""


def versions_of(hosts: Collection[str]) -> dict[str, str]:
    """The version behind each of these hosts, by one statement; hosts at which nobody answers are missing."""
    with platform_scope(reason="resolve host"), connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [list(hosts)])
        return dict(cursor.fetchall())
