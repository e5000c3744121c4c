"""The organization's schema, and its row in the registry."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import ClassVar, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kernel.outbox.models import OutboxMessage
from kernel.outbox.upkeep import withdraw
from provisioning import pool
from provisioning.archives.beside import namings_of
from provisioning.content.reading import load_blueprint
from provisioning.errors import NotYet, RunNotReady
from provisioning.files import PREFIX_KEY, delete_files_of
from provisioning.fleet.moves import forget_failures
from provisioning.models import Run
from provisioning.saga.step import SagaStep, Work
from provisioning.schemas.template import template_script
from shared_apps.packages.selectors import package_of_today
from shared_apps.plans.selectors import current_terms
from tenants.clusters import clusters, on_cluster
from tenants.models import Tenant
from tenants.registry import register_tenant
from tenants.schemas import code_schema_version, drop_schema, existing_schemas, schema_exists, schema_for
from tenants.traffic.writing import forget_traffic

_WAIT_FOR_WORKERS: Final = timedelta(seconds=1)


class ClaimSchema(SagaStep):
    """Takes a ready schema; its id becomes the tenant's. Schema, registry row and the run's note of it appear together."""

    name: ClassVar[str] = "schema"
    label: ClassVar[Promise] = _("Preparing your database")

    def prepare(self, work: Work) -> None:
        del work
        # Seconds, once per version of the code; never in a transaction that has to end with a lease.
        template_script()

    def check(self, work: Work) -> bool:
        return (
            work.tenant_id is not None
            and Tenant.objects.filter(pk=work.tenant_id).exists()
            and schema_exists(schema_for(work.tenant_id))
        )

    def do(self, work: Work) -> Mapping[str, str | int]:
        request, blueprint = work.request, load_blueprint(work.request.blueprint)
        tenant_id = pool.claim_or_create(run_id=work.run_id)
        tenant = register_tenant(
            tenant_id=tenant_id,
            slug=request.slug,
            name=request.name,
            kind=request.blueprint,
            owner_email=request.owner_email,
            # Known from the start: what the next steps create counts against the plan.
            **current_terms(request.plan_code),
            locale=request.locale or blueprint.locale,
            currency=request.currency or blueprint.currency,
            time_zone=request.time_zone or blueprint.time_zone,
            theme_package=blueprint.look.package,
            theme_digest=package_of_today(blueprint.look.package).digest,
            schema_version=code_schema_version(),
        )
        Run.objects.filter(pk=work.run_pk).update(tenant_id=tenant_id)
        return {"schema": schema_for(tenant_id), PREFIX_KEY: tenant.storage_prefix}

    def require_undoable(self, work: Work) -> None:
        if work.tenant_id is not None and Tenant.objects.filter(sandbox_of_id=work.tenant_id).exists():
            raise RunNotReady(_now("It has a sandbox. Remove that first."))

    def prepare_undo(self, work: Work) -> None:
        """Nobody is at work for the tenant any more, and its files are gone, a part under each lease."""
        tenant = Tenant.objects.filter(pk=work.tenant_id).first() if work.tenant_id is not None else None
        if tenant is None:
            return
        if withdraw(tenant_id=tenant.pk):
            raise NotYet("Waiting for a worker that is still busy for this organization.", wait=_WAIT_FOR_WORKERS)
        if not delete_files_of(tenant.as_context()):
            raise NotYet("Deleting files.")

    def undo(self, work: Work) -> None:
        if work.tenant_id is None:
            pool.discard_unnoted(run_id=work.run_id)
            return
        # Not only that of its id: a snapshot may have taken its place, and others stand beside, whole.
        schemas = set(Tenant.objects.filter(pk=work.tenant_id).values_list("schema_name", flat=True))
        schemas |= {naming.schema for naming in namings_of(work.tenant_id)}
        Tenant.objects.filter(pk=work.tenant_id).delete()
        forget_failures(tenant_id=work.tenant_id)
        forget_traffic(tenant_id=work.tenant_id)
        OutboxMessage.objects.filter(tenant_id=work.tenant_id).delete()
        pool.discard(work.tenant_id)
        for alias in clusters():
            _drop_all(alias, schemas | {schema_for(work.tenant_id)})


def _drop_all(alias: str, schemas: Collection[str]) -> None:
    """Those of them that stand on this cluster: an organization may have lived on another one before."""
    with on_cluster(alias):
        for schema in sorted(existing_schemas(schemas)):
            drop_schema(schema)
