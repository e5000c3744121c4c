"""Asking for organizations, and looking at what an installation consists of."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from kernel.actor import Actor
from provisioning.models import Run
from provisioning.services import create_run
from provisioning.types import OrganizationRequest
from tenants.scope import platform_scope

SYSTEM = Actor.system("test")


def requested(slug: str = "acme", *, key: str | None = None, **facts: object) -> Run:
    """A run that nobody has advanced yet."""
    request = {
        "slug": slug,
        "name": f"{slug.title()} & Co",
        "owner_email": f"ann@{slug}.example",
        "blueprint": "tutoring",
        "plan_code": "studio",
    }
    return create_run(actor=SYSTEM, request=OrganizationRequest(**(request | facts)), idempotency_key=key or f"key-{slug}")


def again(run: Run) -> Run:
    with platform_scope(reason="test"):
        return Run.objects.get(pk=run.pk)


def steps_of(run: Run) -> list[tuple[str, str, int]]:
    with platform_scope(reason="test"):
        return list(again(run).steps.order_by("position").values_list("name", "state", "attempt"))


def inventory() -> dict[str, object]:
    """Everything a tenant could leave behind: schemas, rows of the platform's tables, files."""
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1")
        schemas = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        counts = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM public."{table}"')
            counts[table] = cursor.fetchone()[0]
    files = sorted(str(path) for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    # A run, its steps, what was noted about it and what it counted for (ADR 0025) are the record of what happened; they stay.
    records = ("provisioning_run", "provisioning_step", "audit_auditentry", "business_mrrentry")
    # What a sweeper that runs for long enough notes meanwhile: how far it counted, and the health of those who live.
    rounds = ("metering_roundmark", "provisioning_tenanthealth")
    for table in (*records, *rounds):
        counts.pop(table, None)
    return {"schemas": schemas, "rows": counts, "files": files}


def tenant_ids() -> list[UUID]:
    from tenants.models import Tenant

    with platform_scope(reason="test"):
        return list(Tenant.objects.exclude(slug__in=["alpha", "beta"]).values_list("pk", flat=True))
