"""The steps by which a closed organization is erased: collect, seal, then away with everything, and the proof (ADR 0018).

Up to the seal nothing is gone, and the run can be taken back; from the seal on there is no way but forward.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.outbox.upkeep import is_worked_for, withdraw
from provisioning.archives.beside import namings_of
from provisioning.archives.inbox import copies_of, take_out
from provisioning.erasing.emptying import delete_on_each_cluster, delete_rows, end_sessions_of, facts_about, scrub_rows
from provisioning.erasing.errors import TracesLeft
from provisioning.erasing.former import FormerSandboxes
from provisioning.erasing.looking import Looked, look_everywhere
from provisioning.erasing.people import people_who_stay
from provisioning.erasing.proving import PROVE, write_proof
from provisioning.erasing.traces import Traces, collect
from provisioning.errors import NotYet, RunNotReady
from provisioning.files import PREFIX_KEY, delete_below
from provisioning.models import Run, Step
from provisioning.saga.step import PreparedStep, SagaStep, Work
from provisioning.sandboxes.naming import release_sandbox_name
from provisioning.steps.content import ACTOR
from provisioning.types import ACTIVE_RUNS, RunKind
from shared_apps.audit.services import record
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.services import end_billing
from shared_apps.domains.services import release_all
from tenants.closing import pass_the_point_of_return
from tenants.clusters import clusters, on_cluster
from tenants.errors import WrongState
from tenants.hosts import followed_after
from tenants.in_redis import forget_in_redis
from tenants.models import Domain, Tenant
from tenants.registry import release_name
from tenants.schemas import drop_schema, existing_schemas, schema_for, shut_out
from tenants.scope import platform_scope
from tenants.types import TenantStatus

_ASK_AGAIN: Final = timedelta(seconds=1)
# Long statements, during which nobody can keep the lease: a schema has some seven hundred relations.
_SCHEMA_SECONDS: Final = 120
# A few calls of ten seconds at most.
_BILLING_SECONDS: Final = 60
_ASK_STRIPE_AGAIN: Final = timedelta(seconds=10)
COLLECT: Final = "collect"


class CollectTraces(PreparedStep):
    """Notes by what it could be recognized, sealed: the proof looks for that, and then it is forgotten."""

    name: ClassVar[str] = COLLECT
    label: ClassVar[Promise] = _("Noting what has to be gone")

    def __init__(self) -> None:
        self._traces: Traces | None = None

    def prepare(self, work: Work) -> None:
        tenant = _closed(work)
        self._traces = collect(tenant, schemas_of(tenant), standing=_standing(tenant), tell=work.keep)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {} if self._traces is None else {"sealed": self._traces.sealed(), **self._traces.counts()}


class Seal(SagaStep):
    """The point of no return: its name and domains are given up, and nobody is served or worked for any more."""

    name: ClassVar[str] = "seal"
    label: ClassVar[Promise] = _("Giving up its name and domains")

    def prepare(self, work: Work) -> None:
        tenant = _closed(work)
        about = Q(tenant_id=tenant.pk) | Q(kind=RunKind.CLONE_ORGANIZATION, request__source=tenant.pk.hex)
        if Run.objects.filter(about, state__in=ACTIVE_RUNS).exclude(pk=work.run_pk).exists():
            raise NotYet("Waiting for another run about this organization.", wait=_ASK_AGAIN)
        left = (tenant.closing_since_at or clock.now()) + followed_after() - clock.now()
        if left > timedelta(0):
            raise NotYet("Waiting until nobody is served any more.", wait=left)
        if is_worked_for(tenant_id=tenant.pk):
            raise NotYet("Waiting for a worker that is still busy for this organization.", wait=_ASK_AGAIN)

    def check(self, work: Work) -> bool:
        return Tenant.objects.filter(pk=work.require_tenant_id(), status=TenantStatus.ERASED).exists()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        tenant_id = work.require_tenant_id()
        pass_the_point_of_return(tenant_id)
        _closed(work)
        claims = release_all(actor=ACTOR, tenant_id=tenant_id)
        hosts = Domain.objects.filter(tenant_id=tenant_id).delete()[0]
        release_name(slug=work.request.slug, tenant_id=tenant_id)
        release_sandbox_name(tenant_id)
        return {"domains": claims, "hosts": hosts}

    def undo(self, work: Work) -> None:
        """Nothing: it was not come to, or nobody gets here."""

    def require_undoable(self, work: Work) -> None:
        if not Tenant.objects.filter(pk=work.require_tenant_id(), status=TenantStatus.CLOSING).exists():
            raise RunNotReady(_now("Erasing has begun: there is no way back. Let the run go on."))


class Empty(PreparedStep):
    """A step behind the seal: done in `prepare`, in parts that may be repeated."""

    def require_undoable(self, work: Work) -> None:
        del work
        raise RunNotReady(_now("Erasing has begun: there is no way back. Let the run go on."))


class EndBilling(Empty):
    """Lets Stripe end its subscription, charging nothing, and delete its customer: while its rows still say which these are."""

    name: ClassVar[str] = "billing"
    label: ClassVar[Promise] = _("Ending what is paid for")

    def __init__(self) -> None:
        self._was_billed = False

    def prepare(self, work: Work) -> None:
        tenant = _sealed(work)
        work.keep(seconds=_BILLING_SECONDS)
        try:
            self._was_billed = end_billing(tenant_id=tenant.pk)
        except NotConfirmedYet as error:
            raise NotYet(str(error), wait=_ASK_STRIPE_AGAIN) from error

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"customers": int(self._was_billed)}


class StopWork(Empty):
    """Takes what waits for it out of the outbox, dead letters and jobs included; whoever is at work is waited for."""

    name: ClassVar[str] = "work"
    label: ClassVar[Promise] = _("Cancelling what waits to be done")

    def prepare(self, work: Work) -> None:
        tenant = _sealed(work)
        for alias, schema in _standing(tenant):
            with on_cluster(alias):
                shut_out(schema)
        work.keep(seconds=_SCHEMA_SECONDS)
        if withdraw(tenant_id=tenant.pk):
            raise NotYet("Waiting for a worker that is still busy for this organization.", wait=_ASK_AGAIN)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {}


class DeleteFiles(Empty):
    """Everything below its prefix, archives, snapshots and earlier versions included, and copies that waited for an import."""

    name: ClassVar[str] = "files"
    label: ClassVar[Promise] = _("Deleting its files")

    def __init__(self) -> None:
        self._count = 0

    def prepare(self, work: Work) -> None:
        tenant = _sealed(work)
        for prefix in (tenant.storage_prefix, *traces_of(work.run_pk).sandboxes.prefixes):
            self._count += delete_below(prefix, tell=work.keep)
        for name in copies_of(tenant.pk):
            take_out(name)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        return {PREFIX_KEY: _sealed(work).storage_prefix, "count": self._count}


class DropSchemas(Empty):
    """Its living schema, and those that stand beside it, were replaced or left, one at a time, each with its role."""

    name: ClassVar[str] = "schemas"
    label: ClassVar[Promise] = _("Dropping its database")

    def __init__(self) -> None:
        self._count = 0

    def prepare(self, work: Work) -> None:
        for alias, schema in _standing(_sealed(work)):
            work.keep(seconds=_SCHEMA_SECONDS)
            with on_cluster(alias):
                drop_schema(schema)
            self._count += 1
        work.keep()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"count": self._count}


class DeleteRecords(SagaStep):
    """What the platform knows of it: gone, but for a stub that says what was done to which id, and when."""

    name: ClassVar[str] = "records"
    label: ClassVar[Promise] = _("Deleting what the platform knows of it")

    def prepare(self, work: Work) -> None:
        tenant = Tenant.objects.filter(pk=work.require_tenant_id()).first()
        if tenant is None:
            return
        traces = traces_of(work.run_pk)
        delete_on_each_cluster(_own(work, traces))
        end_sessions_of(tenant, traces, tell=work.keep)
        scrub_rows(facts_about(tenant, traces.sandboxes, run_pk=work.run_pk), keep=work.keep)
        work.keep()

    def check(self, work: Work) -> bool:
        return not Tenant.objects.filter(pk=work.require_tenant_id()).exists()

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        tenant = Tenant.objects.select_for_update().get(pk=work.require_tenant_id())
        former = traces_of(work.run_pk).sandboxes
        return delete_rows(tenant, facts_about(tenant, former, run_pk=work.run_pk))

    def undo(self, work: Work) -> None:
        """Nobody gets here."""

    def require_undoable(self, work: Work) -> None:
        del work
        raise RunNotReady(_now("Erasing has begun: there is no way back. Let the run go on."))


class ForgetCache(Empty):
    """Its keys in Redis: cache, counters, tasks that wait."""

    name: ClassVar[str] = "cache"
    label: ClassVar[Promise] = _("Emptying its cache and counters")

    def __init__(self) -> None:
        self._count = 0

    def prepare(self, work: Work) -> None:
        own = _own(work, traces_of(work.run_pk))
        self._count = sum(forget_in_redis(tenant_id, tell=work.keep) for tenant_id in own)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        del work
        return {"count": self._count}


class Prove(Empty):
    """Looks everywhere for what was noted in the beginning, and signs what was found: nothing. Else it fails and says where."""

    name: ClassVar[str] = PROVE
    label: ClassVar[Promise] = _("Proving that nothing is left")

    def __init__(self) -> None:
        self._traces: Traces | None = None
        self._places: list[Looked] = []

    def prepare(self, work: Work) -> None:
        prefix = _result(work.run_pk, DeleteFiles.name)[PREFIX_KEY]
        # Somebody who went may have founded another organization since, and be known again by right.
        self._traces = traces_of(work.run_pk).without(people_who_stay())
        own = _own(work, self._traces)
        # What came late, from somebody who had begun before.
        delete_on_each_cluster(own)
        for each in (prefix, *self._traces.sandboxes.prefixes):
            delete_below(each, tell=work.keep)
        for tenant_id in own:
            forget_in_redis(tenant_id, tell=work.keep)
        schemas = [one for one in self._traces.ids if one.startswith("t_")]
        work.keep(seconds=_SCHEMA_SECONDS)
        self._places = look_everywhere(
            self._traces, tenant_id=work.require_tenant_id(), prefix=prefix, schemas=schemas, tell=work.keep
        )
        left = [looked.place for looked in self._places if looked.found]
        if left:
            raise TracesLeft(left)

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        if self._traces is None:
            return {}
        noted = Step.objects.filter(run_id=work.run_pk, name=COLLECT)
        noted.update(result=self._traces.counts())
        record(action="tenant.erased", actor_label=ACTOR.label, actor_kind=ACTOR.kind, tenant_id=work.tenant_id)
        return write_proof(work, self._traces, self._places)


def schemas_of(tenant: Tenant) -> set[str]:
    """Every schema that ever was this organization's, or a sandbox's that it had, whether it is there or not."""
    own = {tenant.schema_name, schema_for(tenant.pk)} | {naming.schema for naming in namings_of(tenant.pk)}
    return own | FormerSandboxes.of(tenant.pk).schemas()


def _own(work: Work, traces: Traces) -> tuple[UUID, ...]:
    return work.require_tenant_id(), *traces.sandboxes.tenant_ids


def _standing(tenant: Tenant) -> list[tuple[str, str]]:
    """Its schemas that there are, each after the cluster on which it stands: a move may have left one behind (ADR 0015)."""
    found = []
    for alias in clusters():
        with on_cluster(alias):
            found += [(alias, schema) for schema in sorted(existing_schemas(schemas_of(tenant)))]
    return found


def traces_of(run_pk: int) -> Traces:
    """What the first step noted. Until the proof only."""
    return Traces.unsealed(str(_result(run_pk, COLLECT)["sealed"]))


def _result(run_pk: int, name: str) -> dict[str, Any]:  # Any: JSON
    with platform_scope(reason="what a step noted"):
        result: dict[str, Any] = Step.objects.values_list("result", flat=True).get(run_id=run_pk, name=name)
    return result


def _closed(work: Work) -> Tenant:
    """The organization, closed as it was when the run was begun.

    Raises:
        WrongState: somebody has opened it again, and may have closed it anew.
    """
    with platform_scope(reason="organization to erase"), transaction.atomic():
        tenant = Tenant.objects.prefetch_related("domains").filter(pk=work.require_tenant_id()).first()
    if tenant is None or tenant.status not in {TenantStatus.CLOSING, TenantStatus.ERASED}:
        raise WrongState(_now("This organization was opened again: it is not erased."))
    # Runs of before this was noted say nothing, nor does one whose own records are scrubbed by now.
    since = tenant.closing_since_at.isoformat() if tenant.closing_since_at else ""
    if work.request.closed_at not in {"", since}:
        raise WrongState(_now("This organization was opened again, and closed anew: this run is of the closing before."))
    return tenant


def _sealed(work: Work) -> Tenant:
    tenant = _closed(work)
    if tenant.status != TenantStatus.ERASED:
        raise WrongState(_now("This organization is not sealed: nothing of it may go."))
    return tenant
