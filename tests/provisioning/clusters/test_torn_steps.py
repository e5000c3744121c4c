"""A step that only the other cluster has noted, and that nobody tries again: undoing its run takes it away all the same."""

from __future__ import annotations

import pytest
from django.db import connection

from provisioning.archives import restoring
from provisioning.models import Run
from provisioning.saga.engine import advance, advance_to_end
from provisioning.saga.step import SagaStep
from provisioning.services import undo_run
from provisioning.steps.restoring import MakeSideSchema
from provisioning.steps.schema import ClaimSchema
from provisioning.steps.taking import TakeRecords
from provisioning.types import RunState
from tenant_apps.catalog.models import Category
from tenants.clusters import on_cluster
from tenants.scope import cluster_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.singly import ordered as ordered_records
from tests.provisioning.archives.swaps import restored, snapshot_of
from tests.provisioning.clusters.dying import tear
from tests.provisioning.clusters.places import EAST, moved, now_of, sums
from tests.provisioning.organizations import SYSTEM, again, requested

pytestmark = [pytest.mark.usefixtures("two_clusters"), pytest.mark.xdist_group("clusters")]

_STANDING = """
    SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'
    UNION SELECT 'role ' || rolname FROM pg_roles WHERE rolname LIKE 't\\_%'
    UNION SELECT 'resident ' || schema_name FROM public.tenants_resident
"""


def _standing_there() -> set[str]:
    with on_cluster(EAST), cluster_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(_STANDING)
        return {text for (text,) in cursor.fetchall()}


def _torn(run: Run, step: type[SagaStep]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        tear(step, patch)
        assert advance(run.pk) == RunState.RUNNING, again(run).error


def _undone(run: Run) -> None:
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=run.request["slug"])
    assert advance_to_end(run.pk) == RunState.UNDONE, again(run).error


def test_an_organizations_schema(two_clusters):
    before, run = _standing_there(), requested("acme", cluster=EAST)
    _torn(run, ClaimSchema)
    torn = _standing_there() - before

    _undone(run)

    assert len(torn) == 2
    assert _standing_there() == before


def test_a_schema_for_a_snapshot(furnished, monkeypatch):
    monkeypatch.setattr(restoring, "ring", lambda _run_pk: None)
    moved(ALPHA_ID)
    archive, whole = snapshot_of(now_of(ALPHA_ID)), sums(now_of(ALPHA_ID))
    before, run = _standing_there(), restoring.restore_beside(actor=SYSTEM, archive_id=archive.public_id)
    _torn(run, MakeSideSchema)
    torn = _standing_there() - before

    _undone(run)

    assert len(torn) == 2
    assert _standing_there() == before
    assert sums(now_of(ALPHA_ID)) == whole


def test_records_that_came_back(furnished, monkeypatch):
    monkeypatch.setattr(restoring, "ring", lambda _run_pk: None)
    moved(ALPHA_ID)
    beside = restored(snapshot_of(now_of(ALPHA_ID)))
    with tenant_scope(now_of(ALPHA_ID)):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    whole, before, run = sums(now_of(ALPHA_ID)), _standing_there(), ordered_records(beside, category)
    _torn(run, TakeRecords)
    torn = sums(now_of(ALPHA_ID))

    _undone(run)

    assert torn != whole
    assert sums(now_of(ALPHA_ID)) == whole
    assert _standing_there() == before
