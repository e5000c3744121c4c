"""Asking for a sandbox, for a fresh one in its place, and for its end. What is done then: `provisioning.steps.cloning`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.locking import lock_rows, lock_timeout
from provisioning.archives.services import request_about
from provisioning.doorbell import ring
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.sandboxes.errors import NoSandbox, NotConfirmed, SandboxOfSandbox
from provisioning.sandboxes.naming import free_sandbox_name, holder_of_sandbox_name
from provisioning.sandboxes.selectors import clone_under_way, making_of, sandbox_of
from provisioning.services import create_run, undo_run
from provisioning.types import OrganizationRequest, RunKind
from shared_apps.audit.services import record
from tenants.models import Tenant
from tenants.registry import reserve_name
from tenants.scope import platform_scope
from tenants.types import TenantStatus

# What the owner may ask for in the backoffice, and an operator in the console.
MANAGE: Final = "settings.edit"


def order_sandbox(*, actor: Actor, tenant_id: UUID, confirmed_name: str = "", reason: str = "") -> Run:
    """Start a copy of an organization as it is now, with no customer's name in it, at an address of its own.

    If it has a sandbox already, the new one comes in its place, and what was tried out there is lost: so `confirmed_name` must
    be that one's slug. While a copy is being made, the same run is returned, whoever asks.

    Raises:
        PermissionDenied: the actor does not edit settings.
        SandboxOfSandbox: it is itself a sandbox. Conflict: it is not in service.
        NotConfirmed: there is one already, and this is not its name; blames `confirm_name`.
        SlugTaken: there is no address left for it.
    """
    actor.require(MANAGE)
    with platform_scope(reason="order sandbox"), transaction.atomic():
        source = _locked(tenant_id)
        running = clone_under_way(tenant_id)
        if running is not None:
            return running
        standing = sandbox_of(tenant_id)
        # One that never came to life has nothing in it that somebody could miss.
        is_used = standing is not None and standing.status != TenantStatus.PROVISIONING
        if standing is not None and is_used and confirmed_name.strip() != standing.slug:
            raise NotConfirmed(standing.slug)
        return _order(actor, source, reason)


def remove_sandbox(*, actor: Actor, tenant_id: UUID, confirmed_name: str) -> None:
    """Take an organization's sandbox away, with everything in it; its name stays the organization's.

    Raises:
        PermissionDenied: the actor does not edit settings.
        NoSandbox: there is none. NotConfirmed: this is not its name; blames `confirm_name`.
        RunNotReady: it is being removed already, for good or for a fresh one.
    """
    actor.require(MANAGE)
    with platform_scope(reason="remove sandbox"), transaction.atomic():
        # Whatever its state: a suspended one is not closed before its sandbox is gone.
        with lock_timeout():
            lock_rows(Tenant.objects.filter(pk=tenant_id))
        standing = sandbox_of(tenant_id)
        if standing is None:
            raise NoSandbox(_("There is no sandbox."))
        if confirmed_name.strip() != standing.slug:
            raise NotConfirmed(standing.slug)
        remove_standing(standing, reason=f"Asked for by {actor.label}.")
        _note("sandbox.removed", actor, tenant_id, standing.slug)


def remove_standing(standing: Tenant, *, reason: str) -> None:
    """Take back the run that made this sandbox.

    Raises:
        RunNotReady: that is going on already, or the run is not known any more.
    """
    making = making_of(standing.pk)
    if making is None:
        raise RunNotReady(_("Nobody knows any more how this sandbox was made; an operator can remove it."))
    # The run belongs to the platform, whoever the copy was made for; who may ask was asked before.
    try:
        undo_run(actor=Actor.system("sandboxes"), run_id=making.public_id, confirmed_name=standing.slug, reason=reason)
    except RunNotReady:
        # What an owner reads knows nothing of runs.
        raise RunNotReady(_("The sandbox is just being taken away or made anew. Look again in a few seconds.")) from None


def _locked(tenant_id: UUID) -> Tenant:
    """The row of an organization that can have a sandbox; two who ask at once come one after the other."""
    with lock_timeout():
        rows = lock_rows(Tenant.objects.filter(pk=tenant_id))
    if not rows or rows[0].status != TenantStatus.ACTIVE:
        raise Conflict(_("Only a marketplace that is in service can have a sandbox."))
    if rows[0].sandbox_of_id is not None:
        raise SandboxOfSandbox(_("This is a sandbox itself. Ask in the marketplace that it was made from."))
    return rows[0]


def _order(actor: Actor, source: Tenant, reason: str) -> Run:
    slug = free_sandbox_name(slug=source.slug, source_id=source.pk)
    reserve_name(slug=slug, holder=holder_of_sandbox_name(source.pk))
    run_id = new_id()
    run = create_run(
        actor=Actor.system(actor.label),
        request=_request(source, slug),
        idempotency_key=run_id.hex,
        public_id=run_id,
        kind=RunKind.CLONE_ORGANIZATION,
    )
    _note("sandbox.ordered", actor, source.pk, slug, reason)
    transaction.on_commit(partial(ring, run.pk), robust=True)
    return run


def _request(source: Tenant, slug: str) -> OrganizationRequest:
    about = request_about(source.pk)
    return replace(
        about, slug=slug, locale=source.locale, currency=source.currency, time_zone=source.time_zone, source=source.pk.hex
    )


def _note(action: str, actor: Actor, tenant_id: UUID, slug: str, reason: str = "") -> None:
    record(action=action, actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant_id, target=slug, reason=reason)
