"""The steps by which an organization moves to another cluster: a schema there, its rows, the registry's word, open again.

Its host answers all the time. For as long as the rows are copied, and every process learns where they are, nothing can be
written: PostgreSQL refuses it, the pages say so. Killed or stopped anywhere it is whole in one place, and open again there.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.locking import Busy, lock_timeout
from kernel.outbox.carrying import carry, forget
from kernel.outbox.upkeep import is_worked_for
from provisioning.archives.beside import ELSEWHERE, is_being_swapped
from provisioning.archives.carrying import keep_writers_out
from provisioning.errors import NotYet, RunNotReady
from provisioning.models import Step
from provisioning.relocating import Place, copy_rows, make_empty, require_same_rows
from provisioning.saga.leases import end_with_lease, require_forward
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.schemas.catalog import Catalog, read_catalog
from provisioning.schemas.template import template_script
from provisioning.steps.content import ACTOR
from provisioning.steps.loading import template_catalog
from tenants.clusters import on_cluster
from tenants.context import TenantContext
from tenants.hosts import context_for, followed_after
from tenants.models import Tenant
from tenants.residence import note_resident, pause_writes, resume_writes, switch_cluster
from tenants.schemas import allow_writes, code_schema_version, drop_schema, schema_exists, schema_for, shut_out, stop_writes
from tenants.scope import platform_scope

_PATIENCE: Final = timedelta(seconds=2)
_ASK_AGAIN: Final = timedelta(seconds=0.5)


class MakeElsewhere(SagaStep):
    """An empty schema of its own on the other cluster, before anybody is asked to wait; nobody's until the registry says so."""

    name: ClassVar[str] = ELSEWHERE
    label: ClassVar[Promise] = _("Making a schema on the other cluster")

    def prepare(self, work: Work) -> None:
        template_script()
        _require_movable(work.tenant(), template_catalog())

    def check(self, work: Work) -> bool:
        with on_cluster(work.request.cluster):
            return schema_exists(str(work.noted.get("schema", "t_")))

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        # Named after the run: after a crash between two commits the next try makes the same one, and no other is left over.
        schema = _schema_for(work)
        make_empty(Place(work.request.cluster, schema), template_catalog())
        return {"schema": schema, "from": work.tenant().schema, "left": work.tenant().database}

    def verify(self, work: Work) -> bool:
        del work
        return True

    def require_undoable(self, work: Work) -> None:
        if work.tenant().schema == _schema_for(work):
            raise RunNotReady(_text("The organization lives there by now: move it back by another run."))
        _require_alone(work)

    def require_retryable(self, work: Work) -> None:
        _require_alone(work)

    def prepare_undo(self, work: Work) -> None:
        # Another run may have brought it there since: then that outbox is the one in use.
        if not _lives_on_target(work):
            forget(tenant_id=work.require_tenant_id(), on=work.request.cluster)

    def undo(self, work: Work) -> None:
        if self._lives_elsewhere(work):
            with on_cluster(work.request.cluster):
                drop_schema(_schema_for(work))

    def _lives_elsewhere(self, work: Work) -> bool:
        """Whether nobody lives in what was made here."""
        tenant = context_for(work.require_tenant_id())
        return tenant is None or tenant.schema != _schema_for(work)


class MoveRows(SagaStep):
    """Stops writing, copies every row, compares, and has the registry say where they are: one statement decides."""

    name: ClassVar[str] = "move"
    label: ClassVar[Promise] = _("Moving the rows while they can be read")

    def __init__(self) -> None:
        self._rows = 0

    def prepare(self, work: Work) -> None:
        tenant, target = work.tenant(), _target_of(work)
        if tenant.schema == target.schema:
            return
        if _lives_on_target(work):
            # By another run, since this one stopped.
            raise RunNotReady(_text("The organization lives there already."))
        source, catalog = Place(tenant.database, tenant.schema), template_catalog()
        _require_movable(tenant, catalog)
        hold = partial(_holding, work, target)
        with hold():
            forget(tenant_id=tenant.id, on=target.database)
            make_empty(target, catalog)
        _stop_writing(work, tenant, catalog)
        self._rows = copy_rows(source, target, catalog, hold=hold)
        require_same_rows(source, target, catalog, keep=lambda seconds: work.keep(seconds=seconds))
        with hold():
            carry(tenant_id=tenant.id, source=source.database, target=target.database)

    def check(self, work: Work) -> bool:
        return work.tenant().schema == _target_of(work).schema

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        require_forward(work.run_pk)
        tenant, target = work.tenant(), _target_of(work)
        # Also of what is left: who comes late there is still the same organization, which the registry tells no more.
        for place in (Place(tenant.database, tenant.schema), target):
            with on_cluster(place.database):
                note_resident(tenant_id=tenant.id, schema=place.schema)
        switch_cluster(
            actor=ACTOR,
            tenant_id=tenant.id,
            expected=(tenant.database, tenant.schema),
            place=(target.database, target.schema),
            version=code_schema_version(),
        )
        return {"rows": self._rows}

    def undo(self, work: Work) -> None:
        _write_again(work)

    def when_stopped(self, work: Work) -> None:
        _write_again(work)


class Settle(PreparedStep):
    """When every process knows: the old place is shut, what came late to its outbox follows, and all may write."""

    name: ClassVar[str] = "settle"
    label: ClassVar[Promise] = _("Waiting until everybody knows, and opening")

    def prepare(self, work: Work) -> None:
        with platform_scope(reason="moved since"):
            moved_at = Tenant.objects.values_list("writes_paused_at", flat=True).get(pk=work.require_tenant_id())
        left = (moved_at or clock.now()) + followed_after() - clock.now()
        if moved_at is not None and left > timedelta(0):
            raise NotYet("Moved; waiting until every process knows.", wait=left)
        source, target = _left_by(work), _target_of(work)
        tenant_id = work.require_tenant_id()
        with _holding(work, source), on_cluster(source.database):
            shut_out(source.schema)
        with _holding(work, target):
            carried = carry(tenant_id=tenant_id, source=source.database, target=target.database)
        # Only now: where it was is emptied when it is here for good.
        with _holding(work, source):
            forget(tenant_id=tenant_id, on=source.database, carried=carried)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        _write_again(work)
        return {}

    def when_stopped(self, work: Work) -> None:
        _write_again(work)


def _require_alone(work: Work) -> None:
    """Quiet when no other run moves the organization or exchanges its data: what that has carried is not ours to undo."""
    if is_being_swapped(work.require_tenant_id(), besides=work.run_pk):
        raise RunNotReady(_text("The organization is moved, or its data are exchanged, by another run."))


def _lives_on_target(work: Work) -> bool:
    tenant = context_for(work.require_tenant_id())
    return tenant is not None and tenant.database == work.request.cluster


def _require_movable(tenant: TenantContext, catalog: Catalog) -> None:
    with on_cluster(tenant.database):
        is_ours = (
            tenant.schema_version == code_schema_version() and read_catalog(tenant.schema).fingerprint == catalog.fingerprint
        )
    if not is_ours:
        raise RunNotReady(_text("The organization's schema is not that of this version: see `manage.py fleet status`."))


@contextmanager
def _holding(work: Work, place: Place, seconds: int = 0) -> Generator[None]:
    """A transaction on the platform's cluster and that of `place`, in which nobody else can take the step.

    So a worker that was stopped for longer than its lease does nothing when it comes back: by then others may live in `place`.
    PostgreSQL ends it with the lease, so that nobody waits for a worker that stands still in it.

    Raises:
        LeaseLost: the step is somebody else's by now.
    """
    with transaction.atomic(durable=True):
        with on_cluster(place.database):
            end_with_lease(seconds=seconds)
        work.keep(seconds=seconds)
        yield


def _stop_writing(work: Work, tenant: TenantContext, catalog: Catalog) -> None:
    """Nobody writes into the organization's schema when this is over, and everybody may read.

    Raises:
        NotYet: somebody still does.
    """
    source = Place(tenant.database, tenant.schema)
    with _holding(work, source):
        pause_writes(actor=ACTOR, tenant_id=tenant.id)
    if is_worked_for(tenant_id=tenant.id):
        raise NotYet("Waiting for a worker that is still busy for this organization.", wait=_ASK_AGAIN)
    with on_cluster(tenant.database):
        with _holding(work, source):
            stop_writes(tenant.schema)
        try:
            with source.entered(), transaction.atomic(durable=True), lock_timeout(_PATIENCE):
                # What they have written is waited for; the rights are gone before the lock is.
                keep_writers_out(tenant.schema, [relation.name for relation in catalog.relations if relation.kind == "r"])
        except Busy:
            raise NotYet("Waiting for somebody who is still writing.", wait=_ASK_AGAIN) from None


def _write_again(work: Work) -> None:
    """Wherever the organization lives, its role may write there; may be repeated."""
    tenant = context_for(work.require_tenant_id())
    if tenant is None:
        return
    with on_cluster(tenant.database):
        allow_writes(tenant.schema)
    resume_writes(actor=ACTOR, tenant_id=tenant.id)


def _schema_for(work: Work) -> str:
    return str(work.noted.get("schema") or schema_for(work.run_id))


def _target_of(work: Work) -> Place:
    return Place(work.request.cluster, str(_made(work)["schema"]))


def _left_by(work: Work) -> Place:
    made = _made(work)
    return Place(str(made["left"]), str(made["from"]))


def _made(work: Work) -> Mapping[str, Any]:  # Any: JSON
    with platform_scope(reason="what a move made"):
        result: Mapping[str, Any] = Step.objects.values_list("result", flat=True).get(run_id=work.run_pk, name=ELSEWHERE)
    return result
