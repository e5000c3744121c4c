"""What belongs to nobody in an installation: schemas, roles, names and files that no row accounts for."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from provisioning.archives.beside import NAMING_STEPS
from provisioning.models import PooledSchema, Run, Step
from provisioning.sandboxes.naming import holder_of_sandbox_name
from provisioning.types import ACTIVE_RUNS, RunState
from shared_apps.archives.models import Archive
from shared_apps.archives.types import ArchiveState
from tenants.clusters import clusters
from tenants.models import ReservedName, Tenant
from tenants.scope import cluster_scope, platform_scope


def leftovers() -> set[str]:
    """Each as a few words; empty in an installation in which no run is under way."""
    with platform_scope(reason="test"):
        return _schemas() | _names() | _files()


def schemas() -> set[str]:
    """All that look like a tenant's."""
    return _listed("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")


def roles_without_schema(seen: set[str]) -> set[str]:
    """Of the schemas that were seen at any time and are gone, those whose role is still there (other databases have others)."""
    gone = seen - schemas()
    return {f"role {name}" for name in _listed("SELECT rolname FROM pg_roles WHERE rolname LIKE 't\\_%'") & gone}


def _listed(question: str) -> set[str]:
    """On each cluster: no name is used on two."""
    found = set()
    for alias in clusters():
        with cluster_scope(reason="test", database=alias), connection.cursor() as cursor:
            cursor.execute(question)
            found |= {name for (name,) in cursor.fetchall()}
    return found


def _schemas() -> set[str]:
    known = set(Tenant.objects.values_list("schema_name", flat=True))
    known |= {
        f"t_{tenant_id.hex}" for tenant_id in PooledSchema.objects.filter(claimed_at=None).values_list("tenant_id", flat=True)
    }
    # What a restore made stands beside for a week, and so does what a swap has replaced, or a move has left.
    noted = Step.objects.filter(name__in=NAMING_STEPS).exclude(run__state=RunState.UNDONE).values_list("result", flat=True)
    known |= {result[name] for result in noted for name in ("schema", "from", "to") if name in result}
    return {f"schema {name}" for name in schemas() - known}


def _names() -> set[str]:
    """Names that are reserved for no organization and no run that is under way."""
    tenants = dict(Tenant.objects.values_list("pk", "slug"))
    # The name of a sandbox that was removed waits for the next one.
    held = [holder_of_sandbox_name(tenant_id) for tenant_id in tenants]
    asked = set(Run.objects.filter(state__in=ACTIVE_RUNS).values_list("request__slug", flat=True))
    reserved = set(ReservedName.objects.exclude(holder__in=held).values_list("slug", flat=True))
    return {f"name {slug}" for slug in reserved - set(tenants.values()) - asked}


def _files() -> set[str]:
    """Files in folders of nobody, archives that no row tells of, and uploads of no run."""
    folders = dict(Tenant.objects.values_list("storage_prefix", "pk"))
    ready = Archive.objects.filter(state=ArchiveState.READY)
    archives = {(tenant_id, public_id.hex) for tenant_id, public_id in ready.values_list("tenant_id", "public_id")}
    runs = {public_id.hex for public_id in Run.objects.values_list("public_id", flat=True)}
    found = set()
    for file in (file for file in Path(settings.MEDIA_ROOT).rglob("*") if file.is_file()):
        root, *rest = file.relative_to(settings.MEDIA_ROOT).parts
        match (root, *rest):
            case ("t", prefix, "archives", name):
                is_known = (folders.get(prefix), name.removesuffix(".zip")) in archives
            case ("t", prefix, *_):
                is_known = prefix in folders
            case ("platform", "imports", name):
                is_known = name.removesuffix(".zip") in runs
            case _:
                is_known = root == "platform"
        if not is_known:
            found.add(f"file {file.relative_to(settings.MEDIA_ROOT)}")
    return found
