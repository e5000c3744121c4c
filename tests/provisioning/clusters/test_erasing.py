"""An organization on another cluster is erased there, too, and the proof looks at every cluster."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction

from kernel import clock
from kernel.events import publish
from kernel.outbox.models import OutboxMessage
from provisioning.archives.restoring import drop_replaced
from provisioning.erasing import services as erasing_services
from provisioning.erasing.proving import proof_of
from provisioning.erasing.services import order_erasure
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.steps import erasing as steps
from shared_apps.closing.services import close_organization
from tenants.clusters import clusters, on_cluster
from tenants.context import TenantContext
from tenants.models import Resident, Tenant
from tenants.scope import cluster_scope, owner_scope, platform_scope, tenant_scope
from tests.factories.tenants import BETA_ID
from tests.provisioning.clusters.listening import SignHung
from tests.provisioning.clusters.places import EAST, moved, now_of, schemas_on, sums
from tests.provisioning.organizations import SYSTEM, again, requested

pytestmark = [pytest.mark.usefixtures("two_clusters", "signs"), pytest.mark.xdist_group("clusters")]
NOWHERE = {"default": (0, 0, 0), EAST: (0, 0, 0)}


@pytest.fixture
def run(two_clusters, monkeypatch) -> Run:
    """That which erases one that moved to the second cluster, left its old schema on the first, and is closed.

    Not a twin: every database of the tests has those, and roles belong to the server.
    """
    monkeypatch.setattr(settings, "HOST_CACHE_FOLLOWED_SECONDS", 0)
    monkeypatch.setattr(erasing_services, "ring", lambda _run_pk: None)
    made = requested("leaving")
    assert advance_to_end(made.pk) == "done", again(made).error
    tenant_id = again(made).tenant_id
    moved(tenant_id)
    with tenant_scope(now_of(tenant_id)), transaction.atomic():
        publish(SignHung("left behind"))
    close_organization(actor=SYSTEM, tenant_id=tenant_id)
    return order_erasure(actor=SYSTEM, tenant_id=tenant_id, confirmed_name="leaving")


@pytest.fixture
def schemas(run) -> set[str]:
    with platform_scope(reason="test"):
        return steps.schemas_of(Tenant.objects.get(pk=run.tenant_id))


def left(run: Run, schemas: set[str]) -> dict[str, tuple[int, int, int]]:
    """By cluster: its schemas, the messages that wait for it, and the notes that it lives there."""
    found = {}
    for alias in clusters():
        with cluster_scope(reason="test", database=alias):
            messages = OutboxMessage.objects.filter(tenant_id=run.tenant_id).count()
            notes = Resident.objects.filter(tenant_id=run.tenant_id).count()
        found[alias] = (len(schemas_on(alias, *schemas)), messages, notes)
    return found


def test_nothing_of_it_is_left_on_any_cluster_and_the_proof_has_looked_at_each(run, schemas):
    before, other = left(run, schemas), sums(now_of(BETA_ID))

    assert advance_to_end(run.pk) == "done", again(run).error

    places = {place.place: place.found for place in proof_of(again(run)).places}
    assert before["default"][0] == 1
    assert min(before[EAST]) == 1
    assert left(run, schemas) == NOWHERE
    assert set(places.values()) == {0}
    assert {"schemas", "roles", "table outbox_message"} <= set(places)
    assert {f"{place} on {EAST}" for place in ("schemas", "roles", "table outbox_message", "table tenants_resident")} <= set(
        places
    )
    assert sums(now_of(BETA_ID)) == other


def test_what_a_move_left_goes_after_its_week_with_the_note_of_whose_it_was(run, schemas):
    before = left(run, schemas)

    assert drop_replaced(now=clock.now() + timedelta(days=8)) >= 1

    after = left(run, schemas)
    assert (before["default"][0], before["default"][2]) == (1, 1)
    assert (after["default"][0], after["default"][2]) == (0, 0)
    # Where it lives, both stay.
    assert after[EAST] == before[EAST]
    assert advance_to_end(run.pk) == "done", again(run).error


def _a_schema(tenant: TenantContext) -> None:
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{tenant.schema}"')


def _a_note(tenant: TenantContext) -> None:
    with cluster_scope(reason="test"):
        Resident.objects.create(schema_name="t_" + "0" * 32, tenant_id=tenant.id)


@pytest.mark.control
@pytest.mark.parametrize(
    ("leave", "place"), [(_a_schema, f"schemas on {EAST}"), (_a_note, f"table tenants_resident on {EAST}")]
)
def test_what_is_left_on_the_other_cluster_is_found_there(run, schemas, monkeypatch, leave, place):
    look, living = steps.look_everywhere, now_of(run.tenant_id)

    def look_after_leaving(*args, **kwargs):
        with on_cluster(EAST):
            leave(living)
        return look(*args, **kwargs)

    monkeypatch.setattr(steps, "look_everywhere", look_after_leaving)

    state = advance_to_end(run.pk)

    assert state == "failed"
    assert again(run).error == f"Something of it is left in: {place}."
