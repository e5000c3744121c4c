"""For each kind of run, how one begins in an installation and what must be true of it when it has ended.

A kind without a case fails the suite: whoever adds a run to `provisioning.steps.STEPS` adds it here. Those that need a second
cluster are swept in `tests/provisioning/clusters/test_killed_moves.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from itertools import count

from kernel import clock
from provisioning.archives.restoring import restore_beside
from provisioning.archives.services import begin_archive, import_organization
from provisioning.erasing.proving import proof_of
from provisioning.erasing.services import order_erasure
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.sandboxes.ordering import order_sandbox, remove_sandbox
from provisioning.sandboxes.selectors import making_of, sandbox_of
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.filling import count_rows
from provisioning.schemas.template import ensure_template
from provisioning.types import RunKind, RunState
from shared_apps.archives.models import Archive
from shared_apps.archives.services import order_snapshot
from shared_apps.archives.types import ArchiveState
from shared_apps.closing.services import close_organization
from tenant_apps.catalog.models import Service
from tenants.clusters import DEFAULT, clusters, on_cluster
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.schemas import existing_schemas, schema_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.archives.singly import ordered as ordered_records
from tests.provisioning.archives.swaps import restored, side_of, swap_of
from tests.provisioning.clusters.places import EAST, can_write, hang, messages_on, now_of, ordered, sums
from tests.provisioning.organizations import SYSTEM, again, requested
from tests.provisioning.sandboxes.making import (
    advance_snapshot,
    cloned,
    failure_of,
    fresh,
    ordered_promotion,
    outcome_of,
)

_ROWS = ("accounts_user", "account_emailaddress", "bookings_booking", "catalog_category", "members_membership")


@dataclass
class Installation:
    """A furnished organization, a snapshot of it to go back to, and its archive to import; runs take names of their own."""

    shop: TenantContext
    snapshot: Archive
    file: bytes
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def name(self) -> str:
        return f"market-no{next(self.numbers)}x"

    def rows(self) -> dict[str, int]:
        return dict(count_rows(self.shop.schema, _ROWS))


@dataclass(frozen=True)
class Case:
    """One kind: `begin` asks for a run that nobody has advanced, `problems` looks at one that is done.

    `moments` are those of each step at which a worker dies, `never` the ones that a run of this kind does not come by;
    `is_taken_back` says whether there is a way back from one that is done.
    """

    begin: Callable[[Installation], Run]
    problems: Callable[[Installation, Run], list[str]]
    never: frozenset[str] = frozenset()
    moments: tuple[str, ...] = ("before", "inside", "after")
    is_taken_back: bool = True


@dataclass
class SpreadInstallation(Installation):
    """One over two clusters, with what the organization consists of, and how much waits in its outbox."""

    whole: Mapping[str, object] = field(default_factory=dict)
    waiting: int = 0


def _create(installation: Installation) -> Run:
    name = installation.name()
    return requested(name, key=name)


def _archive(installation: Installation) -> Run:
    ordered = order_snapshot(actor=SYSTEM, tenant_id=installation.shop.id)
    assert ordered is not None
    return begin_archive(ordered.public_id)


def _import(installation: Installation) -> Run:
    return import_organization(actor=SYSTEM, file=BytesIO(installation.file), slug=installation.name())


def _restore(installation: Installation) -> Run:
    return restore_beside(actor=SYSTEM, archive_id=installation.snapshot.public_id)


def _swap(installation: Installation) -> Run:
    return swap_of(restored(installation.snapshot))


def _take(installation: Installation) -> Run:
    """A service of another price than in the snapshot."""
    beside = restored(installation.snapshot)
    with tenant_scope(fresh(installation.shop.id)):
        service = Service.objects.get(pk=_first_service())
        Service.objects.filter(pk=service.pk).update(price_minor=service.price_minor + next(installation.numbers))
    return ordered_records(beside, service)


def _move(installation: Installation) -> Run:
    assert isinstance(installation, SpreadInstallation)
    installation.waiting += 1
    hang(f"no {installation.waiting}")
    return ordered(ALPHA_ID, DEFAULT if now_of(ALPHA_ID).database == EAST else EAST)


def _clone(installation: Installation) -> Run:
    _remove_sandbox(installation)
    return order_sandbox(actor=SYSTEM, tenant_id=installation.shop.id)


def _promote(installation: Installation) -> Run:
    """Another price than before, of which the snapshot is there already: what waits for it is not killed, but waits."""
    source = fresh(installation.shop.id)
    standing = sandbox_of(source.id)
    sandbox = cloned(source) if standing is None else fresh(standing.pk)
    with tenant_scope(sandbox):
        Service.objects.filter(pk=_first_service()).update(price_minor=next(installation.numbers))
    run = ordered_promotion(source, ["catalog"])
    advance_snapshot(run)
    return run


def _erase(installation: Installation) -> Run:
    """Of an organization of its own, closed for so long that every process knows."""
    run = _create(installation)
    assert advance_to_end(run.pk) == RunState.DONE, failure_of(run)
    tenant_id, slug = again(run).tenant_id, run.request["slug"]
    close_organization(actor=SYSTEM, tenant_id=tenant_id, now=clock.now() - timedelta(minutes=1))
    return order_erasure(actor=SYSTEM, tenant_id=tenant_id, confirmed_name=slug)


def _remove_sandbox(installation: Installation) -> None:
    standing = sandbox_of(installation.shop.id)
    if standing is None:
        return
    making = making_of(standing.pk)
    assert making is not None
    remove_sandbox(actor=SYSTEM, tenant_id=installation.shop.id, confirmed_name=standing.slug)
    assert advance_to_end(making.pk) == RunState.UNDONE, failure_of(making)


def _first_service() -> int:
    return Service.objects.order_by("pk").values_list("pk", flat=True)[0]


def _organization(_installation: Installation, run: Run) -> list[str]:
    """What is wrong with the organization that the run is about: it is open, and its schema is whole."""
    tenant = None if run.tenant_id is None else context_for(run.tenant_id)
    if tenant is None:
        return ["there is no organization"]
    return [f"it is {tenant.status}"] * (tenant.status != "active") + _schema(tenant.schema)


def _imported(installation: Installation, run: Run) -> list[str]:
    wrong = _organization(installation, run)
    return wrong or _otherwise(installation, context_for(run.tenant_id).schema)


def _cloned(installation: Installation, run: Run) -> list[str]:
    wrong = _organization(installation, run)
    if wrong:
        return wrong
    source, sandbox = fresh(installation.shop.id), fresh(run.tenant_id)
    counts = [dict(count_rows(tenant.schema, _ROWS)) for tenant in (source, sandbox)]
    return [f"it is a sandbox of {sandbox.sandbox_of}"] * (sandbox.sandbox_of != source.id) + (
        [] if counts[0] == counts[1] else [f"{counts[1]} instead of {counts[0]}"]
    )


def _promoted(installation: Installation, run: Run) -> list[str]:
    source = fresh(installation.shop.id)
    outcome = outcome_of(run)["outcome"]
    standing = sandbox_of(source.id)
    assert standing is not None
    prices = []
    for tenant in (source, fresh(standing.pk)):
        with tenant_scope(tenant):
            prices.append(Service.objects.get(pk=_first_service()).price_minor)
    return [f"it is {outcome}"] * (outcome != "applied") + [f"prices are {prices}"] * (len(set(prices)) != 1)


def _restored(installation: Installation, run: Run) -> list[str]:
    return _organization(installation, run) + _schema(side_of(run)) + _otherwise(installation, side_of(run))


def _moved(installation: Installation, run: Run) -> list[str]:
    assert isinstance(installation, SpreadInstallation)
    tenant, target = now_of(ALPHA_ID), run.request["cluster"]
    if tenant.database != target:
        return [f"it lives on {tenant.database} instead of {target}"]
    with on_cluster(target):
        wrong = _organization(installation, run)
    wrong += [f"{table} is another" for table, found in sums(tenant).items() if found != installation.whole[table]]
    wrong += [] if can_write() else ["nobody may write"]
    outboxes = {alias: len(messages_on(alias)) for alias in clusters()}
    if outboxes != dict.fromkeys(clusters(), 0) | {target: installation.waiting}:
        wrong.append(f"{outboxes} wait instead of {installation.waiting} on {target}")
    return wrong


def _archived(_installation: Installation, run: Run) -> list[str]:
    with platform_scope(reason="test"):
        ready = Archive.objects.filter(public_id=run.request["archive"], state=ArchiveState.READY).count()
    return [] if ready == 1 else ["its archive is not ready"]


def _taken(installation: Installation, run: Run) -> list[str]:
    """What was brought back is of then, and what was there before is kept."""
    with platform_scope(reason="test"):
        source = side_of(Run.objects.get(public_id=run.request["restored"]))
    prices = []
    for schema in (fresh(installation.shop.id).schema, source, side_of(run)):
        with schema_scope(schema, reason="test"):
            prices.append(Service.objects.values_list("price_minor", flat=True).get(pk=_first_service()))
    living, then, before = prices
    return [f"prices are {prices}"] * (living != then or before == then)


def _erased(_installation: Installation, run: Run) -> list[str]:
    wrong = ["it is still registered"] * (context_for(run.tenant_id) is not None)
    wrong += [f"{schema} is still there" for schema in existing_schemas([schema_for(run.tenant_id)])]
    proof = proof_of(run)
    return wrong + ["there is no proof"] * (proof is None) + ["something was found"] * bool(proof and proof.found)


def _schema(schema: str) -> list[str]:
    whole = read_catalog(schema).fingerprint == ensure_template().fingerprint
    return [] if whole else [f"{schema} is not as the template"]


def _otherwise(installation: Installation, schema: str) -> list[str]:
    found = dict(count_rows(schema, _ROWS))
    return [] if found == installation.rows() else [f"{schema} has {found} instead of {installation.rows()}"]


CASES: Mapping[RunKind, Case] = {
    RunKind.CREATE_ORGANIZATION: Case(_create, _organization),
    RunKind.ARCHIVE_ORGANIZATION: Case(_archive, _archived),
    # The name was reserved with the request: the step finds it done and does nothing.
    RunKind.IMPORT_ORGANIZATION: Case(_import, _imported, never=frozenset({"name inside"})),
    RunKind.RESTORE_ORGANIZATION: Case(_restore, _restored),
    RunKind.SWAP_ORGANIZATION: Case(_swap, _organization),
    # As of an import's name.
    RunKind.CLONE_ORGANIZATION: Case(_clone, _cloned, never=frozenset({"address inside"})),
    RunKind.PROMOTE_SANDBOX: Case(_promote, _promoted),
    RunKind.TAKE_RECORDS: Case(_take, _taken),
    RunKind.ERASE_ORGANIZATION: Case(_erase, _erased, is_taken_back=False),
}
CASES_OVER_CLUSTERS: Mapping[RunKind, Case] = {
    RunKind.MOVE_ORGANIZATION: Case(_move, _moved, moments=("before", "inside", "torn", "after"), is_taken_back=False),
}
