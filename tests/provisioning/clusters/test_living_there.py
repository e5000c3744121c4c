"""What goes on in an organization that lives on another cluster than the registry."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.db import connections, transaction

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from kernel.outbox.carrying import carry
from kernel.outbox.models import MessageState
from kernel.outbox.selectors import shard_lines
from kernel.outbox.serving import serve
from kernel.outbox.shards import queue_of, shard_of
from kernel.outbox.upkeep import cancel, sweep
from ops.local.process import free_port
from provisioning.archives import restoring
from provisioning.archives.beside import KEPT_BESIDE
from provisioning.archives.restoring import drop_replaced
from provisioning.models import Run
from provisioning.saga.engine import advance, advance_to_end
from provisioning.schedules import enqueue_due
from provisioning.selftest.stage import staged
from provisioning.services import undo_run
from provisioning.steps import relocating
from provisioning.types import RunState
from shared_apps.console.selectors import get_message, message_page
from tenant_apps.bookings.errors import SlotTaken
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category
from tenants.clusters import DEFAULT
from tenants.hosts import context_for
from tenants.residence import pause_writes
from tenants.scope import platform_scope, tenant_scope
from tenants.strays import carry_strays
from tests.bookings.racing import of_type, run_at_once
from tests.bookings.rows import NOW as MONDAY
from tests.bookings.rows import make_booking, make_service, on
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.archives.conftest import NOW
from tests.provisioning.archives.swaps import restored, snapshot_of
from tests.provisioning.clusters.dying import Killed, raising
from tests.provisioning.clusters.listening import SignHung
from tests.provisioning.clusters.places import (
    EAST,
    hang,
    messages_on,
    moved,
    names,
    now_of,
    ordered,
    schemas_on,
    sums,
)
from tests.provisioning.organizations import SYSTEM, again, requested

pytestmark = [pytest.mark.usefixtures("two_clusters"), pytest.mark.xdist_group("clusters")]


def test_events_and_jobs_are_kept_and_handled_where_the_organization_lives(furnished, signs):
    moved(ALPHA_ID)

    hang("after")
    outcomes = serve(shard_of(ALPHA_ID), seconds=60)

    assert outcomes == ["done"]
    assert "Sign after" in names()
    assert messages_on(EAST) == [MessageState.DONE]
    assert messages_on(DEFAULT) == []


def test_what_waited_in_the_outbox_goes_along_and_is_handled_once(furnished, signs):
    hang("before")

    moved(ALPHA_ID)
    outcomes = serve(shard_of(ALPHA_ID), seconds=60)

    assert outcomes == ["done"]
    assert "Sign before" in names()
    assert messages_on(DEFAULT) == []


def test_what_somebody_late_puts_into_the_outbox_that_was_left_is_carried_after_them(furnished, signs):
    late = now_of(ALPHA_ID)
    moved(ALPHA_ID)
    with tenant_scope(late), transaction.atomic():
        publish(SignHung("late"))

    carried = carry_strays()

    assert (carried, messages_on(DEFAULT)) == (1, [])
    assert serve(shard_of(ALPHA_ID), seconds=60) == ["done"]
    assert "Sign late" in names()
    assert carry_strays() == 0


def test_what_a_move_has_carried_ahead_stays_there(furnished, signs):
    hang("ahead")
    pause_writes(actor=SYSTEM, tenant_id=ALPHA_ID)
    carry(tenant_id=ALPHA_ID, source=DEFAULT, target=EAST)

    assert carry_strays() == 0
    assert (messages_on(DEFAULT), messages_on(EAST)) == ([MessageState.PENDING], [MessageState.PENDING])


def test_the_queues_are_counted_over_all_clusters(furnished, signs):
    moved(ALPHA_ID)
    hang("there")

    waiting = {line.queue: line.waiting for line in shard_lines()}

    assert waiting[queue_of(shard_of(ALPHA_ID))] == 1


def test_the_console_reads_all_outboxes_as_one_list_and_finds_a_message_on_any(furnished, signs):
    moved(BETA_ID)
    for tenant_id, name in ((ALPHA_ID, "first"), (BETA_ID, "second"), (ALPHA_ID, "third")):
        with tenant_scope(now_of(tenant_id)), transaction.atomic():
            publish(SignHung(name))
    operator = Actor.system("console")

    with platform_scope(reason="test"):
        page = message_page(operator, state=MessageState.PENDING)
        beta = message_page(operator, state=MessageState.PENDING, tenant_id=BETA_ID)

    ids = [str(message.pk) for message in page.rows]
    assert {message.payload["name"] for message in page.rows} == {"first", "second", "third"}
    assert ids == sorted(ids, reverse=True)
    with platform_scope(reason="test"):
        assert get_message(operator, beta.rows[0].pk).payload == {"name": "second"}
    cancel(beta.rows[0].pk, by="test")
    assert serve(shard_of(BETA_ID), seconds=60) == []


def test_nothing_is_handled_where_the_organization_does_not_live(furnished, signs, monkeypatch):
    hang("waiting")
    run = ordered(ALPHA_ID)
    monkeypatch.setattr(relocating, "switch_cluster", raising(Killed))

    with pytest.raises(Killed):
        advance(run.pk)

    assert (messages_on(DEFAULT), messages_on(EAST)) == ([MessageState.PENDING], [MessageState.PENDING])
    assert serve(shard_of(ALPHA_ID), seconds=60) == []


def test_a_cluster_that_is_away_holds_up_nobody_on_another(furnished, signs, monkeypatch):
    moved(BETA_ID)
    hang("at home")
    connections[EAST].close()
    monkeypatch.setitem(settings.DATABASES[EAST], "PORT", str(free_port()))

    outcomes = serve(shard_of(ALPHA_ID), seconds=60)
    swept = sweep()

    assert outcomes == ["done"]
    assert swept.given_up == 0
    assert "Sign at home" in names()


def test_each_hour_is_sold_once_there_too(two_clusters):
    moved(ALPHA_ID)
    with tenant_scope(now_of(ALPHA_ID)):
        service = make_service()

    outcomes = run_at_once(now_of(ALPHA_ID), [partial(make_booking, service, on(17, 12), now=MONDAY) for _ in range(8)])

    assert (len(of_type(outcomes, Booking)), len(of_type(outcomes, SlotTaken))) == (1, 7)


def test_it_moves_back_and_what_it_left_is_dropped_after_a_week(furnished):
    home, whole = now_of(ALPHA_ID), sums(now_of(ALPHA_ID))
    there = moved(ALPHA_ID)
    east = now_of(ALPHA_ID)
    back = moved(ALPHA_ID, DEFAULT)

    kept = (schemas_on(DEFAULT, home.schema), schemas_on(EAST, east.schema))
    with platform_scope(reason="test"):
        Run.objects.filter(pk__in=(there.pk, back.pk)).update(finished_at=clock.now() - KEPT_BESIDE - timedelta(hours=1))
    dropped = drop_replaced()

    assert kept == ({home.schema}, {east.schema})
    assert dropped == 2
    assert (schemas_on(DEFAULT, home.schema), schemas_on(EAST, east.schema)) == (set(), set())
    assert (now_of(ALPHA_ID).database, sums(now_of(ALPHA_ID))) == (DEFAULT, whole)


def test_it_is_closed_and_taken_away_with_all_that_it_left_on_any_cluster(two_clusters):
    run = requested("acme")
    assert advance_to_end(run.pk) == RunState.DONE, again(run).error
    tenant_id = again(run).tenant_id
    home = now_of(tenant_id)
    moved(tenant_id)
    east = now_of(tenant_id)

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    state = advance_to_end(run.pk)

    assert state == RunState.UNDONE, again(run).error
    assert (schemas_on(DEFAULT, home.schema), schemas_on(EAST, east.schema)) == (set(), set())


def test_a_snapshot_is_restored_beside_it_and_put_in_place_there(furnished, signs, monkeypatch):
    monkeypatch.setattr(restoring, "ring", lambda _run_pk: None)
    moved(ALPHA_ID)
    before = names()
    archive = snapshot_of(now_of(ALPHA_ID))
    with tenant_scope(now_of(ALPHA_ID)):
        make_category("Since")
    beside = restored(archive)

    swap = restoring.swap_restored(actor=SYSTEM, run_id=beside.public_id, confirmed_name="alpha")
    state = advance_to_end(swap.pk)
    hang("after the swap")

    assert state == RunState.DONE, again(swap).error
    assert (now_of(ALPHA_ID).database, names()) == (EAST, before)
    assert serve(shard_of(ALPHA_ID), seconds=60) == ["done"]
    assert "Sign after the swap" in names()


def test_the_owners_isolation_test_plays_where_the_marketplace_lives_and_leaves_nothing(furnished):
    moved(ALPHA_ID)
    before, tenant = sums(now_of(ALPHA_ID)), now_of(ALPHA_ID)

    with tenant_scope(tenant), staged(tenant, ALPHA_ID) as stage:
        other = stage.other.tenant
        with tenant_scope(other):
            seen = set(Category.objects.values_list("slug", flat=True))

    assert (other.database, seen) == (EAST, {stage.other.slug})
    assert sums(now_of(ALPHA_ID)) == before
    assert schemas_on(EAST, other.schema) == set()
    assert context_for(other.id) is None


def test_what_is_due_each_day_is_enqueued_once_where_the_organization_lives(two_clusters):
    moved(ALPHA_ID)
    enqueue_due(now=NOW + timedelta(days=3))

    assert enqueue_due(now=NOW + timedelta(days=3)) == 0
    assert messages_on(EAST)
    assert messages_on(DEFAULT) == []
