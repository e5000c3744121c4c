"""Organizations and runs as the API lists them, in a fixed number of queries."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import NotFound
from kernel.paging import Page, fetch_page
from provisioning.errors import RunNotFound
from provisioning.models import Run
from tenants.models import Tenant


def get_tenants_for(*, actor: Actor, status: str = "", cursor: str | None, limit: int) -> Page[Tenant]:
    """One page of organizations by their slugs, with their host names (two queries).

    Raises:
        PermissionDenied: not for this actor; Invalid for a cursor that is none of ours.
    """
    actor.require("tenants.view")
    tenants = Tenant.objects.prefetch_related("domains")
    if status:
        tenants = tenants.filter(status=status)
    return fetch_page(tenants, order=("slug",), cursor=cursor, limit=limit)


def tenant_for(*, actor: Actor, tenant_id: UUID) -> Tenant:
    """One organization (two queries).

    Raises:
        PermissionDenied, NotFound.
    """
    actor.require("tenants.view")
    tenant = Tenant.objects.prefetch_related("domains").filter(pk=tenant_id).first()
    if tenant is None:
        raise NotFound(_("There is no such organization."))
    return tenant


def get_runs_for(*, actor: Actor, state: str = "", cursor: str | None, limit: int) -> Page[Run]:
    """One page of runs with their steps, the newest first (two queries).

    Raises:
        PermissionDenied: not for this actor; Invalid for a cursor that is none of ours.
    """
    actor.require("runs.view")
    runs = Run.objects.prefetch_related("steps")
    if state:
        runs = runs.filter(state=state)
    return fetch_page(runs, order=("-id",), cursor=cursor, limit=limit)


def run_for(*, actor: Actor, run_id: UUID) -> Run:
    """One run with its steps (two queries).

    Raises:
        PermissionDenied, RunNotFound.
    """
    actor.require("runs.view")
    run = Run.objects.prefetch_related("steps").filter(public_id=run_id).first()
    if run is None:
        raise RunNotFound(_("There is no such run."))
    return run
