"""Going back to a snapshot: beside the living organization, compared, swapped, put back; and nobody else notices."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from kernel import clock
from kernel.errors import Invalid
from provisioning.archives import comparing
from provisioning.archives.comparing import compare_table
from provisioning.archives.restoring import differences_of, drop_replaced, newest_snapshot_before, restore_beside, swap_restored
from provisioning.archives.services import begin_archive
from provisioning.errors import RunNotReady
from provisioning.models import Step
from provisioning.saga.engine import advance, advance_to_end
from provisioning.schedules import configured_schedules
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.services import undo_run
from provisioning.types import RunState
from shared_apps.accounts.models import User
from shared_apps.archives.errors import ArchiveNotFound
from shared_apps.archives.handlers import take_snapshot_of_tenant
from shared_apps.archives.jobs import TakeSnapshot
from shared_apps.archives.models import Archive
from shared_apps.archives.selectors import archive_by_id, archives_for, last_snapshot_at, snapshots_of
from shared_apps.archives.services import delete_expired, order_archive, order_snapshot
from tenant_apps.api.models import ApiKey
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.schemas import schema_exists, schema_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import BETA_ID
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.swaps import content_of, now_of, restored, side_of, snapshot_of, swapped, whole
from tests.provisioning.organizations import SYSTEM, again

pytest_plugins = ["tests.factories.object_store"]
pytestmark = pytest.mark.usefixtures("quiet")


def change(shop: TenantContext) -> None:
    """One row goes, one changes, one comes; somebody chooses a password, somebody makes a key."""
    with tenant_scope(shop):
        Booking.objects.order_by("id").first().delete()
        Category.objects.filter(slug=NAMES.slug("deep")).update(name="Renamed")
        make_category("Made since")
        User.objects.filter(email=NAMES.email("owner")).update(password="md5$chosen$since", session_epoch=7)
        ApiKey.objects.create(name="Made since", scopes=[], secret_hash="a" * 64, hint="abcd", created_by="owner")


def test_a_snapshot_is_restored_beside_and_what_differs_is_counted(shop):
    archive = snapshot_of(shop)
    change(shop)
    before = whole(shop.schema)

    run = restored(archive)

    differences = {line.table: (line.added, line.changed, line.removed) for line in differences_of(run) if line.is_any}
    assert differences == {
        "bookings_booking": (1, 0, 0),
        "catalog_category": (0, 1, 1),
    }
    assert whole(shop.schema) == before
    assert now_of(run).schema == shop.schema


def test_a_swap_brings_the_marketplace_back_as_it_was_with_todays_ways_to_sign_in(shop):
    archive = snapshot_of(shop)
    with tenant_scope(shop):
        bookings = set(Booking.objects.values_list("public_id", flat=True))
        name = Category.objects.get(slug=NAMES.slug("deep")).name
    change(shop)

    run = swapped(restored(archive))

    now = now_of(run)
    assert (now.status, now.id, now.storage_prefix) == ("active", shop.id, shop.storage_prefix)
    assert now.schema != shop.schema
    assert now.cache_generation > shop.cache_generation
    with tenant_scope(now):
        assert set(Booking.objects.values_list("public_id", flat=True)) == bookings
        assert Category.objects.get(slug=NAMES.slug("deep")).name == name
        assert not Category.objects.filter(name="Made since").exists()
        owner = User.objects.get(email=NAMES.email("owner"))
        assert (owner.password, owner.session_epoch) == ("md5$chosen$since", 7)
        assert ApiKey.objects.filter(name="Made since").exists()
    assert read_catalog(now.schema).fingerprint == ensure_template().fingerprint
    assert Client(headers={"host": "acme.localhost"}).get("/").status_code == 200


def test_no_number_is_given_twice_after_a_swap(shop):
    archive = snapshot_of(shop)
    with tenant_scope(shop):
        gone = make_category("Made since").pk

    now = now_of(swapped(restored(archive)))

    with tenant_scope(now):
        assert make_category().pk > gone


def test_a_file_that_was_deleted_since_is_back_and_one_that_is_there_stays(shop):
    with tenant_scope(shop):
        default_storage.save("images/kept.webp", ContentFile(b"then"))
        default_storage.save("images/lost.webp", ContentFile(b"then"))
    archive = snapshot_of(shop)
    with tenant_scope(shop):
        default_storage.delete("images/lost.webp")
        default_storage.delete("images/kept.webp")
        default_storage.save("images/kept.webp", ContentFile(b"now"))

    swapped(restored(archive))

    assert [content_of(shop, name) for name in ("images/lost.webp", "images/kept.webp")] == [b"then", b"now"]


def test_from_a_store_elsewhere_a_snapshot_is_restored_and_swapped_in_with_its_lost_file(store, shop):
    with tenant_scope(shop):
        default_storage.save("images/kept.webp", ContentFile(b"then"))
        default_storage.save("images/lost.webp", ContentFile(b"then"))
    archive = snapshot_of(shop)
    with tenant_scope(shop):
        default_storage.delete("images/lost.webp")

    now = now_of(swapped(restored(archive)))

    assert now.schema != shop.schema
    assert [content_of(now, name) for name in ("images/lost.webp", "images/kept.webp")] == [b"then", b"then"]


def test_while_it_is_swapped_nobody_is_served_and_each_process_is_waited_for(shop, settings):
    settings.HOST_CACHE_FOLLOWED_SECONDS = 3600
    beside = restored(snapshot_of(shop))

    run = swap_restored(actor=SYSTEM, run_id=beside.public_id, confirmed_name="acme")
    assert advance(run.pk) == RunState.RUNNING

    assert Client(headers={"host": "acme.localhost"}).get("/").status_code == 503
    assert now_of(run).schema == shop.schema
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=shop.id).update(updated_at=clock.now() - timedelta(hours=2))
        Step.objects.update(leased_until=None)
    assert advance(run.pk) == RunState.DONE, again(run).error
    assert now_of(run).schema != shop.schema


def test_a_swap_can_be_undone_and_what_was_written_before_it_is_there_again(shop):
    archive = snapshot_of(shop)
    change(shop)
    before = whole(shop.schema)
    run = swapped(restored(archive))

    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")

    assert advance_to_end(run.pk) == RunState.UNDONE, again(run).error
    assert (now_of(run).schema, now_of(run).status) == (shop.schema, "active")
    assert whole(shop.schema) == before


def test_nobody_else_notices(shop):
    before = whole(schema_for(BETA_ID))
    archive = snapshot_of(shop)
    change(shop)

    swapped(restored(archive))

    assert whole(schema_for(BETA_ID)) == before


def test_undoing_what_was_restored_leaves_nothing_and_undoing_it_after_a_swap_takes_nothing(shop):
    archive = snapshot_of(shop)
    first, second = restored(archive), restored(archive)
    with platform_scope(reason="test"):
        sides = [Step.objects.get(run=run, name="side").result["schema"] for run in (first, second)]
    swap = swapped(second)

    for run in (first, second):
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
        assert advance(run.pk) == RunState.UNDONE, again(run).error

    assert [schema_exists(side) for side in sides] == [False, True]
    assert now_of(swap).schema == sides[1]
    assert [snapshot.pk for snapshot in snapshots_of(shop.id)] == [archive.pk]


def test_a_swap_needs_the_name_and_a_finished_restore_and_is_done_once(shop):
    archive = snapshot_of(shop)
    unfinished = restore_beside(actor=SYSTEM, archive_id=archive.public_id)
    with pytest.raises(RunNotReady):
        swap_restored(actor=SYSTEM, run_id=unfinished.public_id, confirmed_name="acme")
    advance(unfinished.pk)
    with pytest.raises(Invalid, match="Type “acme”"):
        swap_restored(actor=SYSTEM, run_id=unfinished.public_id, confirmed_name="acmee")

    swap_restored(actor=SYSTEM, run_id=unfinished.public_id, confirmed_name="acme")

    with pytest.raises(RunNotReady):
        swap_restored(actor=SYSTEM, run_id=unfinished.public_id, confirmed_name="acme")


def test_what_was_replaced_or_never_used_goes_after_a_week_and_the_living_stays(shop):
    archive = snapshot_of(shop)
    unused = restored(archive)
    swap = swapped(restored(archive))
    with platform_scope(reason="test"):
        side = Step.objects.get(run=unused, name="side").result["schema"]

    assert drop_replaced(now=clock.now() + timedelta(days=6)) == 0
    assert drop_replaced(now=clock.now() + timedelta(days=8)) == 2

    assert not schema_exists(side)
    assert not schema_exists(shop.schema)
    assert schema_exists(now_of(swap).schema)
    with pytest.raises(RunNotReady, match="their week is over"):
        undo_run(actor=SYSTEM, run_id=swap.public_id, confirmed_name="acme")
    assert (again(swap).state, now_of(swap).status) == (RunState.DONE, "active")


def test_snapshots_are_no_archives_of_the_owners_and_live_longer(shop):
    snapshot, archive = snapshot_of(shop), order_archive(actor=SYSTEM, tenant_id=shop.id)
    advance(begin_archive(archive.public_id).pk)

    assert [found.pk for found in archives_for(actor=SYSTEM, tenant_id=shop.id)] == [archive.pk]
    assert [found.pk for found in snapshots_of(shop.id)] == [snapshot.pk]
    assert delete_expired(now=clock.now() + timedelta(days=8)) == 1
    assert [found.pk for found in snapshots_of(shop.id)] == [snapshot.pk]
    with pytest.raises(ArchiveNotFound):
        restore_beside(actor=SYSTEM, archive_id=archive.public_id)


def test_the_nightly_round_asks_once_a_day_from_the_second_day_on(shop, settings):
    settings.NIGHTLY_SNAPSHOTS = True

    def rounds() -> int:
        with tenant_scope(shop):
            take_snapshot_of_tenant(TakeSnapshot())
            take_snapshot_of_tenant(TakeSnapshot())
        with platform_scope(reason="test"):
            return Archive.objects.filter(tenant_id=shop.id, is_snapshot=True).count()

    assert rounds() == 0
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=shop.id).update(created_at=clock.now() - timedelta(days=2))
    assert rounds() == 1


def test_each_marketplace_gets_its_snapshot_by_its_own_clock():
    """A job with a key for each date, so that neither a hiccup nor a restart costs a day."""
    assert [schedule for schedule in configured_schedules() if schedule.job == TakeSnapshot()]


def test_what_was_asked_for_before_and_taken_after_a_moment_is_not_from_before(shop):
    archive = order_snapshot(actor=SYSTEM, tenant_id=shop.id)
    moment = clock.now()
    change(shop)
    assert advance(begin_archive(archive.public_id).pk) == RunState.DONE

    with pytest.raises(ArchiveNotFound):
        newest_snapshot_before(tenant_id=shop.id, moment=moment)

    assert newest_snapshot_before(tenant_id=shop.id, moment=clock.now()) == archive.public_id


def test_the_newest_snapshot_is_that_of_the_latest_moment(shop):
    """One that is kept later may be of long before (`manage.py rewind`)."""
    latest, rewound = snapshot_of(shop), snapshot_of(shop)
    moment = archive_by_id(latest.public_id).taken_at
    with platform_scope(reason="test"):
        Archive.objects.filter(pk=rewound.pk).update(taken_at=moment - timedelta(days=3))

    assert newest_snapshot_before(tenant_id=shop.id, moment=clock.now()) == latest.public_id
    assert newest_snapshot_before(tenant_id=shop.id, moment=moment - timedelta(days=1)) == rewound.public_id
    assert last_snapshot_at(actor=SYSTEM, tenant_id=shop.id) == moment


@pytest.mark.parametrize(("given", "said"), [("2026-11-21T09:00", "say the zone"), ("yesterday", "say it like 2026-")])
def test_a_time_without_a_zone_is_not_guessed_at(given, said):
    with pytest.raises(CommandError, match=said):
        call_command("tenant", "restore", "acme", "--before", given)


def test_a_large_table_is_compared_in_parts_with_the_same_counts(shop, monkeypatch):
    archive = snapshot_of(shop)
    change(shop)
    beside = restored(archive)
    at_once, told = {line.table: line for line in differences_of(beside)}, []
    monkeypatch.setattr(comparing, "_ROWS_AT_ONCE", 1)

    for table, line in at_once.items():
        found = compare_table(table, living=shop.schema, restored=side_of(beside), tell=lambda: told.append(1))
        assert found == line, table

    assert len(told) > 2 * len(at_once)


def test_by_command_from_the_snapshot_to_the_swap(shop):
    def said(*arguments: str) -> str:
        out = StringIO()
        with platform_scope(reason="manage.py"):
            call_command("tenant", *arguments, stdout=out)
        return out.getvalue()

    said("snapshot", "acme")
    change(shop)
    compared = said("restore", "acme")
    line = next(line for line in compared.splitlines() if line.startswith("catalog_category"))
    assert line.split()[1:4] == ["0", "1", "1"]

    swapped = said("swap", "acme", compared.split()[-1])

    assert "open          done" in swapped
    assert "http://acme.localhost" in swapped


def test_a_side_schema_is_nobodys_until_the_swap(shop):
    """It has a role of its own: the living organization's cannot look into it."""
    run = restored(snapshot_of(shop))
    with platform_scope(reason="test"):
        side = Step.objects.get(run=run, name="side").result["schema"]

    with tenant_scope(shop), connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(%s, 'USAGE'), has_schema_privilege(current_schema(), 'USAGE')", [side])

        assert cursor.fetchone() == (False, True)
