"""The steps by which a snapshot is restored beside the living organization, and by which the two change places."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Conflict
from provisioning import pool
from provisioning.archives.carrying import carry_over
from provisioning.archives.comparing import Difference, compare_table
from provisioning.archives.contents import CARRIED
from provisioning.archives.manifest import FILES
from provisioning.errors import NotYet
from provisioning.models import PooledSchema, Run, Step
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.filling import strip_schema
from provisioning.schemas.template import ensure_template, template_script
from provisioning.steps.content import ACTOR
from provisioning.steps.importing import LoadFiles, LoadRows, template_catalog
from tenants.hosts import followed_after
from tenants.models import Tenant
from tenants.registry import begin_maintenance, end_maintenance, switch_schema
from tenants.schemas import drop_schema, schema_exists, schema_for
from tenants.scope import platform_scope
from tenants.types import TenantStatus

SIDE = "side"
SWAP = "swap"
# One statement over a large table, during which nobody can look after the lease.
_LONG_SECONDS = 120


class MakeSideSchema(SagaStep):
    """A schema like any other, with a role of its own and nobody's: what is restored stands beside what lives."""

    name: ClassVar[str] = SIDE
    label: ClassVar[Promise] = _("Making a schema beside the living one")

    def prepare(self, work: Work) -> None:
        del work
        template_script()

    def check(self, work: Work) -> bool:
        return schema_exists(str(work.noted.get("schema", "t_")))

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        schema = schema_for(pool.claim_or_create())
        strip_schema(schema, template_catalog(), emptied=sorted(CARRIED))
        return {"schema": schema}

    def verify(self, work: Work) -> bool:
        del work
        return True

    def undo(self, work: Work) -> None:
        """It goes, unless it is the organization's own by now."""
        schema = str(work.noted.get("schema", ""))
        if schema and not Tenant.objects.filter(schema_name=schema).exists():
            PooledSchema.objects.filter(tenant_id=UUID(hex=schema.removeprefix("t_"))).delete()
            drop_schema(schema)


class LoadSideRows(LoadRows):
    """The snapshot's rows, into the schema beside."""

    def schema(self, work: Work) -> str:
        return side_schema(work.run_pk)


class CompareWithLiving(PreparedStep):
    """Counts, table by table, what a swap would bring back, change and take away."""

    name: ClassVar[str] = "compare"
    label: ClassVar[Promise] = _("Comparing with what is there now")

    def __init__(self) -> None:
        self._found: list[Difference] = []

    def prepare(self, work: Work) -> None:
        living, restored = work.tenant().schema, side_schema(work.run_pk)
        for table in sorted(CARRIED):
            work.keep(seconds=_LONG_SECONDS)
            self._found.append(compare_table(table, living=living, restored=restored))
        work.keep()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"tables": [difference.as_json() for difference in self._found]}


class CloseForSwap(SagaStep):
    """Shows the maintenance page; what is written by whoever has not followed yet is waited for by the next step."""

    name: ClassVar[str] = "close"
    label: ClassVar[Promise] = _("Showing the maintenance page")

    def check(self, work: Work) -> bool:
        return work.tenant().status == TenantStatus.MAINTENANCE

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        begin_maintenance(actor=ACTOR, tenant_id=work.require_tenant_id())
        return {}

    def undo(self, work: Work) -> None:
        _open(work)


class RestoreFiles(LoadFiles):
    """Brings back files that were deleted since; one that is there stays as it is."""

    def prepare(self, work: Work) -> None:
        wait_until_followed(work)
        super().prepare(work)

    def takes(self, name: str) -> bool:
        return not default_storage.exists(name.removeprefix(FILES))


class SwapSchemas(SagaStep):
    """The registry points to the other schema, in one statement; the one before stays for a week, and undo points back."""

    name: ClassVar[str] = SWAP
    label: ClassVar[Promise] = _("Changing places")

    def prepare(self, work: Work) -> None:
        wait_until_followed(work)
        living, side = work.tenant().schema, side_schema(_restore_of(work).pk)
        if living == side:
            return
        if not schema_exists(side) or read_catalog(side).fingerprint != ensure_template().fingerprint:
            raise Conflict(_("What was restored is gone, or of an older version by now: restore the snapshot again."))
        work.keep(seconds=_LONG_SECONDS)
        # Nobody writes here now, so that what is carried over stays true until the two have changed places.
        with transaction.atomic(durable=True):
            carry_over(living, side, template_catalog())
            work.keep()

    def check(self, work: Work) -> bool:
        return bool(work.noted.get("to")) and work.tenant().schema == work.noted["to"]

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        living, side = work.tenant().schema, side_schema(_restore_of(work).pk)
        switch_schema(actor=ACTOR, tenant_id=work.require_tenant_id(), expected=living, schema=side)
        return {"from": living, "to": side}

    def verify(self, work: Work) -> bool:
        return work.tenant().schema == side_schema(_restore_of(work).pk)

    def prepare_undo(self, work: Work) -> None:
        if work.noted.get("from"):
            wait_until_followed(work)

    def undo(self, work: Work) -> None:
        living, side = work.noted.get("from"), work.noted.get("to")
        if living and work.tenant().schema == side:
            if not schema_exists(living):
                raise Conflict(_("What stood there before is gone: its week is over."))
            switch_schema(actor=ACTOR, tenant_id=work.require_tenant_id(), expected=side, schema=living)


class OpenAgain(SagaStep):
    """Puts the organization back into service."""

    name: ClassVar[str] = "open"
    label: ClassVar[Promise] = _("Opening again")

    def check(self, work: Work) -> bool:
        return work.tenant().status == TenantStatus.ACTIVE

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        _open(work)
        return {}

    def verify(self, work: Work) -> bool:
        # In quarantine meanwhile: then whoever ends that opens it.
        return work.tenant().status in {TenantStatus.ACTIVE, TenantStatus.MAINTENANCE}

    def undo(self, work: Work) -> None:
        begin_maintenance(actor=ACTOR, tenant_id=work.require_tenant_id())


def side_schema(run_pk: int) -> str:
    """The schema that a run restored into."""
    with platform_scope(reason="schema beside"):
        result: Mapping[str, Any] = Step.objects.values_list("result", flat=True).get(run_id=run_pk, name=SIDE)
    return str(result["schema"])


def wait_until_followed(work: Work) -> None:
    """Quiet when no process serves the organization any more.

    Raises:
        NotYet: some may still.
    """
    with platform_scope(reason="closed since"):
        closed_at = Tenant.objects.values_list("updated_at", flat=True).get(pk=work.require_tenant_id())
    left = closed_at + followed_after() - clock.now()
    if left > timedelta(0):
        raise NotYet("Closed; waiting until nobody is served any more.", wait=left)


def _restore_of(work: Work) -> Run:
    with platform_scope(reason="run that restored"):
        return Run.objects.get(public_id=UUID(hex=work.request.restored))


def _open(work: Work) -> None:
    if work.tenant().status == TenantStatus.MAINTENANCE:
        end_maintenance(actor=ACTOR, tenant_id=work.require_tenant_id())
