"""The steps by which a snapshot is restored beside the living organization, and compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock
from provisioning import pool
from provisioning.archives.beside import SIDE, hold_registry_row, namings_of, promised
from provisioning.archives.comparing import Difference, compare_table
from provisioning.archives.contents import CARRIED, TABLES_AS_TODAY
from provisioning.errors import RunNotReady
from provisioning.models import PooledSchema, Run, Step
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.steps.loading import BringAlong, EmptySchema, LoadRows
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from tenants.schemas import drop_schema, schema_exists, schema_for
from tenants.scope import platform_scope


class MakeSideSchema(SagaStep):
    """A schema like any other, with a role of its own and nobody's: what is restored stands beside what lives."""

    name: ClassVar[str] = SIDE
    label: ClassVar[Promise] = _("Making a schema beside the living one")

    def __init__(self) -> None:
        self._empty = EmptySchema()

    def prepare(self, work: Work) -> None:
        self._empty.look_up(work)

    def check(self, work: Work) -> bool:
        return schema_exists(str(work.noted.get("schema", "t_")))

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        return {"schema": schema_for(self._empty.make(work))}

    def verify(self, work: Work) -> bool:
        del work
        return True

    def require_undoable(self, work: Work) -> None:
        with platform_scope(reason="swaps of what was restored"):
            swaps = Run.objects.filter(kind=RunKind.SWAP_ORGANIZATION, request__restored=work.run_id.hex)
            if swaps.exclude(state__in=(RunState.DONE, RunState.UNDONE)).exists():
                raise RunNotReady(_("What this run restored is being put in place: wait for that run, or undo it."))
            taken = Run.objects.filter(kind=RunKind.TAKE_RECORDS, request__restored=work.run_id.hex)
            if taken.filter(state__in=ACTIVE_RUNS).exists():
                raise RunNotReady(_("Records are being taken from what this run restored: wait for that run."))

    def undo(self, work: Work) -> None:
        """It goes, unless it is the organization's own by now, or a swap could need it."""
        schema, tenant_id = str(work.noted.get("schema", "")), work.require_tenant_id()
        if not schema:
            pool.discard_unnoted(run_id=work.run_id)
            return
        tenant = hold_registry_row(tenant_id)
        is_living = tenant is not None and tenant.schema_name == schema
        if not is_living and schema not in promised(namings_of(tenant_id), now=clock.now()):
            PooledSchema.objects.filter(tenant_id=UUID(hex=schema.removeprefix("t_"))).delete()
            drop_schema(schema)


class LoadSideRows(LoadRows):
    """The snapshot's rows, into the schema beside."""

    def schema(self, work: Work) -> str:
        return side_schema(work.run_pk)


class BringSideAlong(BringAlong):
    """What was restored from a snapshot of an older version, to the version that the living schema is of."""

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
        for table in sorted(CARRIED - TABLES_AS_TODAY):
            self._found.append(compare_table(table, living=living, restored=restored, tell=work.keep))

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"tables": [difference.as_json() for difference in self._found]}


def side_schema(run_pk: int) -> str:
    """The schema that a run restored into."""
    with platform_scope(reason="schema beside"):
        result: Mapping[str, Any] = Step.objects.values_list("result", flat=True).get(run_id=run_pk, name=SIDE)
    return str(result["schema"])
