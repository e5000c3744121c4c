"""The steps by which what a snapshot was restored into and the living schema change places, and change back (ADR 0013).

Closed is only for as long as it takes, and never across a stop: a step that needs the organization closed closes it and waits
until nobody is at work, and one that stops opens it again. Whoever opens lets the living schema's own role in, which the
change had shut out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.events import publish
from kernel.locking import Busy, lock_timeout
from kernel.outbox.upkeep import is_worked_for
from provisioning.archives.beside import (
    SWAP,
    hold_registry_row,
    is_being_swapped,
    require_same_version,
    require_snapshot,
)
from provisioning.archives.carrying import carry_over, keep_writers_out, providers_without_profile
from provisioning.archives.manifest import FILES
from provisioning.errors import NotYet, RunNotReady
from provisioning.files import files_below
from provisioning.models import Run, Step
from provisioning.saga.step import SagaStep, Work
from provisioning.schemas.filling import count_rows
from provisioning.steps.content import ACTOR
from provisioning.steps.importing import LoadFiles
from provisioning.steps.loading import template_catalog
from provisioning.steps.restoring import side_schema
from tenant_apps.members.events import MemberJoined
from tenant_apps.members.types import Role
from tenants.context import TenantContext
from tenants.hosts import context_for, followed_after
from tenants.models import Tenant
from tenants.registry import begin_maintenance, end_maintenance, switch_schema
from tenants.schemas import code_schema_version, let_in, shut_out
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus

_PATIENCE: Final = timedelta(seconds=2)
_ASK_AGAIN: Final = timedelta(seconds=1)
# One transaction, which a slow machine needs this long for: its lease is by the rows that it looks at.
_ROWS_CARRIED_PER_SECOND: Final = 2_000
_CARRIED_FROM: Final = ("accounts_user", "bookings_booking")


class SwapStep(SagaStep):
    """A step of a swap, which never leaves the organization closed where it stops."""

    def when_stopped(self, work: Work) -> None:
        open_again(work)

    def require_retryable(self, work: Work) -> None:
        if is_being_swapped(work.require_tenant_id(), besides=work.run_pk):
            raise RunNotReady(_("Another swap of this organization is under way."))


class RestoreFiles(SwapStep, LoadFiles):
    """Brings back files that were deleted since; one that is there stays as it is. The marketplace goes on meanwhile."""

    def wanted(self, tenant: TenantContext, names: list[str]) -> set[str]:
        with tenant_scope(tenant):
            return set(names) - {FILES + name for name in files_below(default_storage)}

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        return {**super().do(work), "names": self.names}


class RestoreLateFiles(RestoreFiles):
    """Once more, for what was deleted until nobody was served any more. The snapshot is opened only where something was."""

    name: ClassVar[str] = "late_files"
    label: ClassVar[Promise] = _("Looking for files once more")

    def prepare(self, work: Work) -> None:
        close_and_wait(work)
        with platform_scope(reason="files of the snapshot"):
            result: Mapping[str, Any] = Step.objects.values_list("result", flat=True).get(
                run_id=work.run_pk, name=RestoreFiles.name
            )
        if work.noted or self.wanted(work.tenant(), result.get("names", [])):
            super().prepare(work)


class CloseForSwap(SwapStep):
    """Shows the maintenance page, when everything that the change needs was seen to be there."""

    name: ClassVar[str] = "close"
    label: ClassVar[Promise] = _("Showing the maintenance page")

    def prepare(self, work: Work) -> None:
        restored, tenant = _restore_of(work), work.tenant()
        require_same_version(tenant, side_schema(restored.pk))
        require_snapshot(tenant, work.request.archive)

    def check(self, work: Work) -> bool:
        del work
        # Also where it is shown for another reason: those who wait count from now.
        return False

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        begin_maintenance(actor=ACTOR, tenant_id=work.require_tenant_id())
        return {}

    def verify(self, work: Work) -> bool:
        return work.tenant().status == TenantStatus.MAINTENANCE

    def undo(self, work: Work) -> None:
        open_again(work)


class SwapSchemas(SwapStep):
    """The registry points to the other schema, in one statement; the one before stays for a week, and undo points back."""

    name: ClassVar[str] = SWAP
    label: ClassVar[Promise] = _("Changing places")

    def __init__(self) -> None:
        self._living = ""

    def prepare(self, work: Work) -> None:
        self._living = work.tenant().schema
        _make_ready(work, living=self._living, other=side_schema(_restore_of(work).pk))

    def check(self, work: Work) -> bool:
        return bool(work.noted.get("to")) and work.tenant().schema == work.noted["to"]

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        side = side_schema(_restore_of(work).pk)
        _switch(work, expected=self._living, schema=side)
        return {"from": self._living, "to": side}

    def verify(self, work: Work) -> bool:
        return work.tenant().schema == side_schema(_restore_of(work).pk)

    def require_undoable(self, work: Work) -> None:
        tenant = context_for(work.require_tenant_id())
        if tenant is None or not work.noted.get("from"):
            return
        # With the row held, nobody begins a swap of it or drops what it needs before this is decided.
        hold_registry_row(tenant.id)
        if tenant.schema != work.noted["to"]:
            raise RunNotReady(_("Another snapshot was put in place since, or this one was taken back: undo that run first."))
        if is_being_swapped(tenant.id, besides=work.run_pk):
            raise RunNotReady(_("Another swap of this organization is under way."))
        require_same_version(tenant, work.noted["from"])

    def prepare_undo(self, work: Work) -> None:
        if self._is_in_place(work):
            _make_ready(work, living=work.noted["to"], other=work.noted["from"])

    def undo(self, work: Work) -> None:
        if self._is_in_place(work):
            _switch(work, expected=work.noted["to"], schema=work.noted["from"])

    def _is_in_place(self, work: Work) -> bool:
        """Whether there is something to take back: it got so far, and nothing else was done since."""
        tenant = context_for(work.require_tenant_id())
        return tenant is not None and bool(work.noted.get("from")) and tenant.schema == work.noted["to"]


class OpenAgain(SwapStep):
    """Puts the organization back into service."""

    name: ClassVar[str] = "open"
    label: ClassVar[Promise] = _("Opening again")

    def check(self, work: Work) -> bool:
        del work
        return False

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        open_again(work)
        return {}

    def verify(self, work: Work) -> bool:
        # In quarantine, or suspended, meanwhile: then whoever ends that opens it.
        return work.tenant().status != TenantStatus.PROVISIONING

    def undo(self, work: Work) -> None:
        """Nothing of its own: the step before closes when it is seen to have what it needs."""


def close_and_wait(work: Work) -> None:
    """Quiet when the organization is closed and no process serves it any more.

    Raises:
        NotYet: some may still. WrongState: it is not to be closed, being suspended or on its way out.
    """
    tenant_id = work.require_tenant_id()
    if work.tenant().status != TenantStatus.MAINTENANCE:
        begin_maintenance(actor=ACTOR, tenant_id=tenant_id)
    with platform_scope(reason="closed since"):
        closed_at = Tenant.objects.values_list("updated_at", flat=True).get(pk=tenant_id)
    left = closed_at + followed_after() - clock.now()
    if left > timedelta(0):
        raise NotYet("Closed; waiting until nobody is served any more.", wait=left)
    # Nobody begins any more; who had begun, and writes by the old word, is waited for.
    if is_worked_for(tenant_id=tenant_id):
        raise NotYet("Waiting for a worker that is still busy for this organization.", wait=_ASK_AGAIN)


def open_again(work: Work) -> None:
    """Let whoever works for the organization into its living schema, and end its maintenance page. May be repeated."""
    tenant = context_for(work.require_tenant_id())
    if tenant is None:
        return
    let_in(tenant.schema)
    if tenant.status == TenantStatus.MAINTENANCE:
        end_maintenance(actor=ACTOR, tenant_id=tenant.id)


def _make_ready(work: Work, *, living: str, other: str) -> None:
    """Everything about a change of places but the change: forward, and back.

    Afterwards nobody writes into `living`, and what is as it is today stands in `other`, too.
    """
    require_same_version(work.tenant(), other)
    close_and_wait(work)
    # A request or a handler that goes on for a minute finds its tables gone, instead of writing what nobody will see.
    shut_out(living)
    catalog = template_catalog()
    tables = [relation.name for relation in catalog.relations if relation.kind == "r"]
    work.keep(seconds=sum(count_rows(living, _CARRIED_FROM).values()) // _ROWS_CARRIED_PER_SECOND + len(tables))
    try:
        with transaction.atomic(durable=True), lock_timeout(_PATIENCE):
            # What they wrote before is waited for, and carried over or lost as one.
            keep_writers_out(living, tables)
            carry_over(living, other, catalog)
            work.keep()
    except Busy:
        raise NotYet("Waiting for somebody who is still writing.", wait=_ASK_AGAIN) from None


def _switch(work: Work, *, expected: str, schema: str) -> None:
    version = code_schema_version()
    switch_schema(actor=ACTOR, tenant_id=work.require_tenant_id(), expected=expected, schema=schema, version=version)
    # One that was replaced before had been shut.
    let_in(schema)
    joined = providers_without_profile(schema)
    with tenant_scope(work.tenant()):
        for user_id in joined:
            publish(MemberJoined(user_id=user_id, role=Role.PROVIDER))


def _restore_of(work: Work) -> Run:
    with platform_scope(reason="run that restored"):
        return Run.objects.get(public_id=UUID(hex=work.request.restored))
