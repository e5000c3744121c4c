"""A swap's life: what it needs is there before anything closes, who writes is waited for, and the way back stays open."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from kernel import clock
from kernel.errors import Conflict
from kernel.events import publish
from kernel.outbox.models import MessageState, OutboxMessage
from provisioning import types
from provisioning.archives import restoring
from provisioning.archives.beside import KEPT_BESIDE
from provisioning.archives.restoring import drop_replaced
from provisioning.errors import LeaseLost, RunNotReady
from provisioning.fleet.moves import Move
from provisioning.models import FleetMove, FleetPlan, FleetRun, Run, Step
from provisioning.saga.engine import advance, advance_to_end
from provisioning.services import retry_run
from provisioning.steps import swapping
from provisioning.types import RunKind, RunState
from tenant_apps.catalog.models import Category
from tenant_apps.members.events import MemberLeft
from tenant_apps.members.types import Role
from tenants.models import Tenant
from tenants.schemas import drop_schema, existing_schemas, schema_exists, schema_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.racing import after_everybody, race
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.swaps import content_of, now_of, restored, side_of, snapshot_of, swap_of, swapped, undo, undone
from tests.provisioning.organizations import SYSTEM, again

pytestmark = pytest.mark.usefixtures("quiet")
DAY = timedelta(days=1)


def _ended(run: Run, ago: timedelta) -> None:
    with platform_scope(reason="test"):
        Run.objects.filter(pk=run.pk).update(finished_at=clock.now() - ago)


def _drift(schema: str) -> None:
    """What a migration does to one schema and not to the other."""
    with schema_scope(schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_category ADD COLUMN since integer")


def _go_on(run: Run) -> RunState:
    with platform_scope(reason="test"):
        Step.objects.update(leased_until=None)
    return advance_to_end(run.pk)


def _page() -> int:
    return Client(headers={"host": "acme.localhost"}).get("/").status_code


# --- what is kept, and for how long


def test_a_second_swap_keeps_its_way_back_however_old_the_first_one_is(shop):
    archive = snapshot_of(shop)
    first_restore, second_restore = restored(archive), restored(archive)
    first = swapped(first_restore)
    for run in (first_restore, first):
        _ended(run, 90 * DAY)
    second = swapped(second_restore)

    assert drop_replaced() == 1

    assert not schema_exists(shop.schema)
    assert now_of(undone(second)).schema == side_of(first_restore)


def test_what_a_swap_put_back_is_kept_for_a_week_from_then_and_not_from_its_restore(shop):
    beside = restored(snapshot_of(shop))
    swap = swapped(beside)
    _ended(beside, 30 * DAY)
    undone(swap)

    assert drop_replaced() == 0
    assert drop_replaced(now=clock.now() + KEPT_BESIDE + DAY) == 1

    assert not schema_exists(side_of(beside))


def test_nobody_elses_trouble_keeps_what_is_over(shop):
    unused = restored(snapshot_of(shop))
    _ended(unused, 8 * DAY)
    with platform_scope(reason="test"):
        Run.objects.create(
            kind=RunKind.SWAP_ORGANIZATION, tenant_id=BETA_ID, request={"slug": "beta"}, state=RunState.UNDO_FAILED,
            finished_at=clock.now(), idempotency_key="stuck",
        )  # fmt: skip

    assert drop_replaced() == 1


def test_undoing_a_restore_leaves_what_a_later_swap_replaced_and_promised(shop):
    archive = snapshot_of(shop)
    first_restore, second_restore = restored(archive), restored(archive)
    swapped(first_restore)
    second = swapped(second_restore)

    undone(first_restore)

    assert schema_exists(side_of(first_restore))
    assert now_of(undone(second)).schema == side_of(first_restore)


# --- the way back


def test_a_swap_is_not_undone_under_another_one(shop):
    archive = snapshot_of(shop)
    first, second_restore = swapped(restored(archive)), restored(archive)
    second = swapped(second_restore)

    with pytest.raises(RunNotReady, match="put in place since"):
        undo(first)

    assert (again(first).state, now_of(first).schema) == (RunState.DONE, side_of(second_restore))
    undone(second)
    assert now_of(undone(first)).schema == shop.schema


def test_the_way_back_to_another_version_is_refused_before_anything_closes(shop):
    swap = swapped(restored(snapshot_of(shop)))
    _drift(shop.schema)

    with pytest.raises(RunNotReady, match="of another version"):
        undo(swap)

    assert (again(swap).state, now_of(swap).status, _page()) == (RunState.DONE, "active", 200)


def test_a_way_back_that_is_lost_on_the_way_leaves_the_organization_open(shop):
    """Decided while all was well; then a migration came."""
    swap = swapped(restored(snapshot_of(shop)))
    undo(swap)
    _drift(shop.schema)

    assert advance_to_end(swap.pk) == RunState.UNDO_FAILED

    assert (now_of(swap).status, _page()) == ("active", 200)
    assert now_of(swapped(restored(snapshot_of(shop)))).status == "active"


def test_a_restore_is_not_undone_while_it_is_being_put_in_place(shop):
    beside = restored(snapshot_of(shop))
    swap = swap_of(beside)

    with pytest.raises(RunNotReady, match="being put in place"):
        undo(beside)

    assert advance_to_end(swap.pk) == RunState.DONE, again(swap).error
    assert now_of(swap).schema == side_of(beside)


# --- the way there


def test_a_swap_that_cannot_come_to_an_end_is_refused(shop):
    archive = snapshot_of(shop)
    of_another_version, gone, without_file = restored(archive), restored(archive), restored(archive)
    _drift(side_of(of_another_version))
    drop_schema(side_of(gone))
    for beside, said in ((of_another_version, "of another version"), (gone, "their week is over")):
        with pytest.raises(RunNotReady, match=said):
            swap_of(beside)
    with tenant_scope(shop):
        default_storage.delete(archive.file_name)
    with pytest.raises(RunNotReady, match="The snapshot is gone"):
        swap_of(without_file)

    with platform_scope(reason="test"):
        assert not Run.objects.filter(kind=RunKind.SWAP_ORGANIZATION).exists()


def test_what_became_of_no_use_since_ends_the_run_before_the_page_is_closed(shop, monkeypatch):
    beside = restored(snapshot_of(shop))
    swap = swap_of(beside)
    _drift(side_of(beside))
    closed = []
    monkeypatch.setattr(swapping, "begin_maintenance", lambda **_facts: closed.append(1))

    assert advance_to_end(swap.pk) == RunState.FAILED

    assert "of another version" in again(swap).error
    assert (closed, _page()) == ([], 200)


def test_a_swap_that_stops_opens_again_and_a_retry_closes_anew(shop, monkeypatch):
    swap = swap_of(restored(snapshot_of(shop)))
    with monkeypatch.context() as broken:
        broken.setattr(swapping, "carry_over", lambda *_: (_ for _ in ()).throw(Conflict("not today")))
        assert advance_to_end(swap.pk) == RunState.FAILED
    with tenant_scope(now_of(swap)):
        made = make_category("Made while it was open")
    assert (now_of(swap).schema, _page()) == (shop.schema, 200)

    retry_run(actor=SYSTEM, run_id=swap.public_id)

    assert advance_to_end(swap.pk) == RunState.DONE, again(swap).error
    with tenant_scope(now_of(swap)):
        assert not Category.objects.filter(pk=made.pk).exists()


def test_a_migration_that_comes_between_ends_the_swap_and_the_registry_stays_true(shop, monkeypatch):
    swap, carry_over = swap_of(restored(snapshot_of(shop))), swapping.carry_over

    def migrated_meanwhile(*schemas):
        carry_over(*schemas)
        Tenant.objects.filter(pk=shop.id).update(schema_version="000000000000")

    monkeypatch.setattr(swapping, "carry_over", migrated_meanwhile)

    assert advance_to_end(swap.pk) == RunState.FAILED

    assert "migrated, meanwhile" in again(swap).error
    assert (now_of(swap).schema, now_of(swap).schema_version) == (shop.schema, "000000000000")


def test_a_move_of_the_fleet_notes_no_version_for_a_schema_that_was_replaced_meanwhile(market):
    with platform_scope(reason="test"):
        run = FleetRun.objects.create(target="f" * 12, failure_limit=1, requested_by="test")
        plan = FleetPlan.objects.create(run=run, source=market.schema_version, stages=[])
        row = FleetMove.objects.create(run=run, tenant_id=ALPHA_ID, plan=plan, state=types.MoveState.RUNNING, lease_token=1)
    claimed = Move(row.pk, run.pk, ALPHA_ID, schema_for(BETA_ID), plan.pk, 0, 1, 1)

    with pytest.raises(LeaseLost), transaction.atomic():
        claimed.finish(target="f" * 12, base="")

    with platform_scope(reason="test"):
        assert Tenant.objects.get(pk=ALPHA_ID).schema_version == market.schema_version
        assert FleetMove.objects.get(pk=row.pk).state == types.MoveState.RUNNING


def test_of_two_snapshots_that_are_swapped_in_at_once_one_is(shop):
    archive = snapshot_of(shop)
    both = [restored(archive), restored(archive)]

    told = race(2, lambda number: swap_of(both[number]))

    assert {type(answer) for answer in told} == {Run, RunNotReady}


@pytest.mark.control
def test_without_the_lock_both_would_be(shop, monkeypatch):
    """Negative control: each looks whether the other is there before either is."""
    archive = snapshot_of(shop)
    both = [restored(archive), restored(archive)]
    monkeypatch.setattr(restoring, "hold_registry_row", lambda _tenant_id: None)
    monkeypatch.setattr(restoring, "is_being_swapped", after_everybody(2, restoring.is_being_swapped))

    told = race(2, lambda number: swap_of(both[number]))

    assert [type(answer) for answer in told] == [Run, Run]


# --- who is still at work


def test_a_worker_that_is_busy_for_the_organization_is_waited_for(shop):
    swap = swap_of(restored(snapshot_of(shop)))
    with platform_scope(reason="test"):
        message = OutboxMessage.objects.create(
            tenant_id=shop.id, event_type="a", handler="b", payload={}, state=MessageState.LEASED,
            available_at=clock.now(), created_at=clock.now(), leased_until=clock.now() + DAY,
        )  # fmt: skip

    assert advance(swap.pk) == RunState.RUNNING
    assert now_of(swap).schema == shop.schema

    with platform_scope(reason="test"):
        message.delete()
    assert _go_on(swap) == RunState.DONE, again(swap).error


def test_a_transaction_that_is_still_open_is_waited_for_and_writes_no_more(shop, monkeypatch):
    monkeypatch.setattr(swapping, "_PATIENCE", timedelta(milliseconds=50))
    swap, writer = swap_of(restored(snapshot_of(shop))), connection.copy()
    insert = (
        "INSERT INTO catalog_category (name, slug, position) SELECT name || '!', slug || '-x', 1 FROM catalog_category LIMIT 1"
    )
    try:
        with tenant_scope(shop), writer.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE catalog_category SET name = name || ' (late)'")
            assert advance(swap.pk) == RunState.RUNNING
            with platform_scope(reason="test"):
                assert "still writing" in Step.objects.get(run=swap, name="swap").error
            with pytest.raises(ProgrammingError, match="does not exist"):
                cursor.execute(insert)
    finally:
        writer.close()

    assert _go_on(swap) == RunState.DONE, again(swap).error


def test_whoever_works_by_an_old_word_of_the_registry_is_refused_until_the_swap_is_undone(shop):
    swap = swapped(restored(snapshot_of(shop)))

    with tenant_scope(shop), pytest.raises(ProgrammingError, match="does not exist"):
        make_category("By a request that began long ago")

    undone(swap)
    with tenant_scope(shop):
        assert Category.objects.exists()


def test_what_happens_in_a_swapped_organization_is_still_its_own(shop):
    """Events and jobs are stamped by the role that publishes, which is another one now."""
    now = now_of(swapped(restored(snapshot_of(shop))))

    with tenant_scope(now), transaction.atomic():
        publish(MemberLeft(user_id=1, role=Role.OWNER))

    with platform_scope(reason="test"):
        stamped = OutboxMessage.objects.filter(event_type=MemberLeft.event_type).values_list("tenant_id", flat=True)
        assert set(stamped) == {shop.id}


def test_removing_an_organization_for_good_takes_every_copy_of_it(shop):
    archive = snapshot_of(shop)
    unused = restored(archive)
    swap = swapped(restored(archive))
    schemas = [shop.schema, side_of(unused), now_of(swap).schema]
    with platform_scope(reason="test"):
        created = Run.objects.get(kind=RunKind.CREATE_ORGANIZATION, tenant_id=shop.id)

    undone(created)

    assert existing_schemas(schemas) == set()


# --- files


def test_a_file_that_is_deleted_while_the_page_closes_is_back_too(shop, monkeypatch):
    with tenant_scope(shop):
        default_storage.save("images/lost.webp", ContentFile(b"then"))
    swap, close = swap_of(restored(snapshot_of(shop))), swapping.begin_maintenance

    def deleting(**facts):
        close(**facts)
        with tenant_scope(shop):
            default_storage.delete("images/lost.webp")

    monkeypatch.setattr(swapping, "begin_maintenance", deleting)

    assert advance_to_end(swap.pk) == RunState.DONE, again(swap).error
    assert content_of(shop, "images/lost.webp") == b"then"


def test_files_that_are_there_are_not_asked_for_one_by_one(shop, monkeypatch):
    store, asked = type(storages["default"]), []
    swap, exists = swap_of(restored(snapshot_of(shop))), store.exists
    monkeypatch.setattr(store, "exists", lambda self, name: asked.append(name) or exists(self, name))

    assert advance_to_end(swap.pk) == RunState.DONE, again(swap).error

    # The snapshot itself, once more before the page is closed.
    assert asked == [again(swap).request["archive"]]
