"""Taking single records from what a run restored: the order, and what its steps ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from kernel.actor import Actor
from provisioning.archives.beside import SIDE, require_same_version
from provisioning.archives.kinship import model_of
from provisioning.archives.picks import Picks, Plan, Sides, plan_for
from provisioning.archives.restoring import order_about
from provisioning.errors import RunNotFound, RunNotReady
from provisioning.models import Run, Step
from provisioning.types import OrganizationRequest, RunKind, RunState
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import platform_scope

# What names files: keys of our own making.
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{16,200}")


@dataclass(frozen=True)
class Restored:
    """What a run restored, and the organization that it stands beside."""

    run: Run
    tenant: TenantContext
    sides: Sides


def restored_beside(*, actor: Actor, run_id: UUID) -> Restored:
    """What a finished run restored, while single records can be taken from it.

    Raises:
        PermissionDenied: not for this actor.
        RunNotFound: it is no run that restores, or its organization is gone.
        RunNotReady: it is not finished, its week is over, it is in place, or of another version by now.
    """
    actor.require("tenants.edit")
    with platform_scope(reason="restored beside"):
        run = Run.objects.filter(public_id=run_id, kind=RunKind.RESTORE_ORGANIZATION).first()
    tenant = context_for(run.tenant_id) if run is not None and run.tenant_id is not None else None
    if run is None or tenant is None:
        raise RunNotFound(_("There is no such run."))
    if run.state != RunState.DONE:
        raise RunNotReady(_("The snapshot is not restored yet, or not any more."))
    schema = restored_schema(run_id.hex)
    if schema == tenant.schema:
        raise RunNotReady(_("What was restored is in place by now."))
    require_same_version(tenant, schema)
    return Restored(run, tenant, Sides(tenant.schema, schema))


def order_records(*, actor: Actor, run_id: UUID, picks: Picks) -> Run:
    """Bring these records back from what a run restored, each with what belongs to it; what is there meanwhile is kept a week.

    Raises:
        PermissionDenied, RunNotFound, RunNotReady: as `restored_beside`.
        NeedsOthers: they need something that is gone as well. RecordRefused: one of them is not there to be taken.
    """
    beside = restored_beside(actor=actor, run_id=run_id)
    plan_for(picks, beside.sides)
    asked = OrganizationRequest.from_json(beside.run.request)
    request = replace(asked, restored=run_id.hex, records=picks.as_text())
    return order_about(actor, request, RunKind.TAKE_RECORDS, beside.tenant.id)


def restored_schema(run_hex: str) -> str:
    """The schema that a run restored into; empty where there is none."""
    with platform_scope(reason="schema beside"):
        steps = Step.objects.filter(run__public_id=UUID(hex=run_hex), name=SIDE)
        return str(steps.values_list("result__schema", flat=True).first() or "")


def words_in(plan: Plan, sides: Sides) -> frozenset[str]:
    """Every text in the rows that come back by which a file could be named."""
    words: set[str] = set()
    for group in (plan.gone, plan.changed):
        for table, ids in group.items():
            fields = model_of(table)._meta.concrete_fields  # noqa: SLF001  # Django's public-by-use name
            columns = ", ".join(f'"{field.column}"' for field in fields if isinstance(field, models.CharField))
            if not columns:
                continue
            statement = f'SELECT {columns} FROM {{then}}."{table}" WHERE id = ANY(%(ids)s)'  # noqa: S608  # our models' names
            words |= {value for row in sides.query(statement, {"ids": sorted(ids)}) for value in row if value}
    return frozenset(word for word in words if _WORD.fullmatch(word))
