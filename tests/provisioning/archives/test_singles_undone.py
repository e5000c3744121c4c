"""Taking back what was taken from a snapshot: what was there before comes again, unless somebody changed it since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock
from provisioning.archives.restoring import drop_replaced
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.saga.engine import advance, advance_to_end
from provisioning.services import retry_run
from provisioning.types import RunState
from shared_apps.audit.models import AuditEntry
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.providers.models import Provider
from tenants.context import TenantContext
from tenants.residence import pause_writes, resume_writes
from tenants.schemas import schema_exists
from tenants.scope import platform_scope, tenant_scope
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.singly import facts_of, ordered, taken
from tests.provisioning.archives.swaps import restored, side_of, snapshot_of, swapped, undo, undone, whole
from tests.provisioning.organizations import SYSTEM, again

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def beside(shop):
    """What is there now, restored beside."""
    return restored(snapshot_of(shop))


def _provider() -> Provider:
    return Provider.objects.get(public_id=NAMES.uuid("pprovider"))


def _booking() -> Booking:
    return Booking.objects.filter(status=BookingStatus.CONFIRMED).order_by("id").first()


def test_undoing_puts_back_what_was_there_and_the_trail_tells_of_both(shop, beside):
    with tenant_scope(shop):
        provider = _provider()
        Provider.objects.filter(pk=provider.pk).update(display_name="Renamed")
        WeeklyWindow.objects.filter(provider=provider).delete()
        WeeklyWindow.objects.create(provider=provider, weekday=6, starts_minute=60, ends_minute=120)
        booking = _booking()
        number = booking.pk
        booking.delete()
        booking.pk = number
        windows = list(WeeklyWindow.objects.order_by("id").values())

    run = undone(taken(beside, provider, booking))

    with tenant_scope(shop):
        assert Provider.objects.get(pk=provider.pk).display_name == "Renamed"
        assert list(WeeklyWindow.objects.order_by("id").values()) == windows
        assert not Booking.objects.filter(pk=number).exists()
    with platform_scope(reason="test"):
        acts = list(
            AuditEntry.objects.filter(action__startswith="records.", tenant_id=shop.id)
            .order_by("id")
            .values_list("action", "data")
        )
    assert [act for act, _data in acts] == ["records.taken", "records.put_back"]
    assert acts[0][1] == {"bookings_booking gone": 1, "providers_provider changed": 1}
    assert not schema_exists(side_of(run))


def test_a_cancelled_booking_is_cancelled_again(shop, beside):
    with tenant_scope(shop):
        booking = _booking()
        Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.CANCELLED, due_at=None, link_epoch=5)

    undone(taken(beside, booking))

    with tenant_scope(shop):
        now = Booking.objects.get(pk=booking.pk)
    assert (now.status, now.link_epoch, now.sequence) == (BookingStatus.CANCELLED, 5, booking.sequence + 2)


def test_what_somebody_changed_since_is_not_taken_away_by_an_undo(shop, beside):
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    run = taken(beside, category)
    with tenant_scope(shop):
        Category.objects.filter(pk=category.pk).update(description="Written since")

    with pytest.raises(RunNotReady, match="Somebody changed"):
        undo(run)


def _undo_that_fails(shop: TenantContext, beside: Run) -> tuple[Run, int]:
    """A service was brought back, and somebody booked it since; the run, and the service's number."""
    with tenant_scope(shop):
        booking = _booking()
        Booking.objects.all().delete()
        service = Service.objects.get(public_id=NAMES.uuid("clean"))
        number = service.pk
        service.delete()
        service.pk = number
    run = taken(beside, service)
    with tenant_scope(shop):
        Booking.objects.create(**facts_of(booking))
    undo(run)
    assert advance(run.pk) == RunState.UNDO_FAILED
    return run, number


def test_what_came_since_and_needs_it_keeps_an_undo_from_taking_it_away(shop, beside):
    run, number = _undo_that_fails(shop, beside)

    assert "something that came since belongs to it" in again(run).error
    with tenant_scope(shop):
        assert Booking.objects.filter(service_id=number).exists()


def test_a_week_later_what_was_there_is_dropped_and_there_is_no_way_back(shop, beside):
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    run = taken(beside, category)

    drop_replaced(now=clock.now() + timedelta(days=8))

    assert not schema_exists(side_of(run))
    assert schema_exists(shop.schema)
    with pytest.raises(RunNotReady, match="week is over"):
        undo(run)


def test_an_undo_that_failed_is_not_said_to_be_done_when_what_was_there_is_gone(shop, beside):
    run, number = _undo_that_fails(shop, beside)
    drop_replaced(now=clock.now() + timedelta(days=8))

    retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.UNDO_FAILED
    assert "week is over" in again(run).error
    with tenant_scope(shop):
        assert Service.objects.filter(pk=number).exists()


def test_while_it_is_being_moved_nothing_is_put_back(shop, beside):
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    run = taken(beside, category)
    undo(run)
    pause_writes(actor=SYSTEM, tenant_id=shop.id)
    before = whole(shop.schema)

    assert advance(run.pk) == RunState.UNDOING

    assert whole(shop.schema) == before
    resume_writes(actor=SYSTEM, tenant_id=shop.id)
    assert advance_to_end(run.pk) == RunState.UNDONE, again(run).error
    with tenant_scope(shop):
        assert Category.objects.get(pk=category.pk).name == "Renamed"


def test_after_a_swap_records_are_neither_taken_nor_put_back(shop, beside):
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
        Category.objects.filter(pk=category.pk).update(name="Renamed")
    run = taken(beside, category)
    swapped(beside)

    with pytest.raises(RunNotReady, match="in place by now"):
        ordered(beside, category)
    with pytest.raises(RunNotReady, match="exchanged or migrated"):
        undo(run)


def test_what_records_are_being_taken_from_is_not_taken_away(shop, beside):
    with tenant_scope(shop):
        category = Category.objects.get(slug=NAMES.slug("deep"))
    ordered(beside, category)

    with pytest.raises(RunNotReady, match="are being taken"):
        undo(beside)
