"""Organizations as the operator sees them: plan, state, address, schema version, size; in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kernel.errors import NotFound
from kernel.paging import Page, fetch_page
from tenants.models import Tenant
from tenants.schemas import is_supported
from tenants.scope import platform_scope
from tenants.types import TenantStatus

PAGE_SIZE: Final = 25
# One scan of the catalog for any number of schemas; indexes and TOAST tables are counted with their table.
_SIZES: Final = """
    SELECT n.nspname, coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
    FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'm')
    WHERE n.nspname = ANY(%s)
    GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class TenantPicture:
    """One organization. `size_bytes` is what its schema takes on disk."""

    tenant: Tenant
    host: str
    address: str
    size_bytes: int

    @property
    def status_label(self) -> str | Promise:
        return TenantStatus(self.tenant.status).label

    @property
    def is_up_to_date(self) -> bool:
        """Whether the running code serves its schema."""
        return is_supported(self.tenant.schema_version)


def tenant_page(*, status: str = "", cursor: str | None = None) -> Page[TenantPicture]:
    """Organizations, the newest first; of one status where asked (three queries).

    Raises:
        Invalid: the cursor is none of ours.
    """
    with platform_scope(reason="list tenants"):
        rows = Tenant.objects.prefetch_related("domains")
        # Ids hold the time they were made, so they are an order by age that is unique.
        page = fetch_page(
            rows.filter(status=status) if status else rows, order=("-schema_name",), cursor=cursor, limit=PAGE_SIZE
        )
        sizes = schema_sizes([tenant.schema_name for tenant in page.rows])
        return Page([_picture(tenant, sizes) for tenant in page.rows], page.next_cursor, page.previous_cursor)


def tenant_picture(slug: str) -> TenantPicture:
    """The organization of this slug (three queries).

    Raises:
        NotFound: there is none.
    """
    with platform_scope(reason="read tenant"):
        tenant = Tenant.objects.prefetch_related("domains").filter(slug__iexact=slug).first()
        if tenant is None:
            raise NotFound(_("There is no organization “%(slug)s”.") % {"slug": slug})
        return _picture(tenant, schema_sizes([tenant.schema_name]))


def schema_sizes(schemas: Sequence[str]) -> Mapping[str, int]:
    """Bytes on disk of each of these schemas that exists (one query). In the platform's scope."""
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [list(schemas)])
        return dict(cursor.fetchall())


def _picture(tenant: Tenant, sizes: Mapping[str, int]) -> TenantPicture:
    context = tenant.as_context()
    return TenantPicture(tenant, context.primary_host, context.base_url, sizes.get(tenant.schema_name, 0))
