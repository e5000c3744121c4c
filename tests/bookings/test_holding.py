"""A time is kept for ten minutes for whoever knows the key, and for nobody longer."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tenant_apps.bookings.errors import AttemptSpent, NotBookable, SlotNotOffered, SlotTaken
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import hold_slot
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.providers.types import ProviderStatus
from tenants.scope import tenant_scope
from tests.bookings.rows import GUEST, NOW, make_booking, make_hold, make_service, on, on_sale, reread


def test_a_hold_keeps_the_time_for_ten_minutes(in_alpha):
    service = make_service()

    hold = make_hold(service, on(17, 10))

    kept = Booking.objects.get(pk=hold.pk)
    assert (kept.status, kept.starts_at, kept.ends_at) == (BookingStatus.HELD, on(17, 10), on(17, 11))
    assert kept.due_at == NOW + timedelta(minutes=10)
    assert (kept.service_title, kept.price_minor, kept.currency) == ("Deep clean", 9600, "GBP")
    assert (kept.time_zone, kept.local_start) == ("Europe/London", "2026-11-17T10:00")


def test_a_held_time_is_refused_to_another_who_is_told_the_three_nearest_free_ones(in_alpha):
    service = make_service()
    make_hold(service, on(17, 12))

    with pytest.raises(SlotTaken) as refused:
        make_hold(service, on(17, 12))

    assert refused.value.alternatives == (on(17, 10, 30), on(17, 11), on(17, 13))
    assert refused.value.field == "slot"
    assert Booking.objects.count() == 1


def test_the_same_key_enters_its_own_hold_again_and_the_clock_runs_on(in_alpha):
    service, key = make_service(), uuid4()
    first = make_hold(service, on(17, 10), key=key)

    again = make_hold(service, on(17, 10), key=key, now=NOW + timedelta(minutes=4))

    assert again.pk == first.pk
    assert reread(first).due_at == NOW + timedelta(minutes=10)


def test_the_same_key_moves_its_hold_even_onto_a_part_of_itself(in_alpha):
    service, key = make_service(), uuid4()
    first = make_hold(service, on(17, 10), key=key)

    moved = make_hold(service, on(17, 10, 30), key=key)

    assert moved.starts_at == on(17, 10, 30)
    assert reread(first).status == BookingStatus.EXPIRED
    assert Booking.objects.filter(status=BookingStatus.HELD).count() == 1


def test_a_hold_that_cannot_move_stays_where_it_was(in_alpha):
    service, key = make_service(), uuid4()
    own = make_hold(service, on(17, 10), key=key)
    make_booking(service, on(17, 12))

    with pytest.raises(SlotTaken):
        make_hold(service, on(17, 12), key=key)

    assert reread(own).status == BookingStatus.HELD


def test_a_lapsed_hold_in_the_way_is_released_at_once_without_waiting_for_the_sweep(in_alpha):
    service = make_service()
    lapsed = make_hold(service, on(17, 10))

    taken = make_hold(service, on(17, 10, 30), now=NOW + timedelta(minutes=10))

    assert taken.status == BookingStatus.HELD
    assert reread(lapsed).status == BookingStatus.EXPIRED


def test_a_lapsed_hold_elsewhere_is_left_to_the_sweep(in_alpha):
    service = make_service()
    elsewhere = make_hold(service, on(17, 10))

    make_hold(service, on(17, 14), now=NOW + timedelta(minutes=11))

    assert reread(elsewhere).status == BookingStatus.HELD


def test_a_key_that_has_led_to_a_booking_holds_nothing_more(in_alpha):
    service, key = make_service(), uuid4()
    make_hold(service, on(17, 10), key=key)
    Booking.objects.update(status=BookingStatus.CONFIRMED, first_name="Fiona", email="fiona@customer.example", booked_at=NOW)

    with pytest.raises(AttemptSpent):
        make_hold(service, on(17, 12), key=key)


@pytest.mark.parametrize(
    ("starts_at", "reason"),
    [
        (on(16, 7), "past"),
        (on(17, 8), "outside_hours"),
        (on(17, 10, 7), "off_grid"),
        (on(17, 16, 30), "runs_past_closing"),
        (on(17, 10).replace(year=2027), "too_far"),
    ],
)
def test_a_time_that_is_not_on_offer_is_refused_by_the_rule_that_forbids_it(in_alpha, starts_at, reason):
    service = make_service()

    with pytest.raises(SlotNotOffered) as refused:
        make_hold(service, starts_at)

    assert refused.value.reason == reason
    assert Booking.objects.count() == 0


def test_a_time_between_two_seconds_is_not_on_offer(in_alpha):
    service = make_service()

    with pytest.raises(SlotNotOffered):
        make_hold(service, on(17, 10).replace(microsecond=1))


@pytest.mark.parametrize(
    ("service_status", "provider_status"),
    [
        (ServiceStatus.HIDDEN, ProviderStatus.LIVE),
        (ServiceStatus.DRAFT, ProviderStatus.LIVE),
        (ServiceStatus.LIVE, ProviderStatus.PAUSED),
        (ServiceStatus.LIVE, ProviderStatus.LEAVING),
        (ServiceStatus.LIVE, ProviderStatus.BANNED),
    ],
)
def test_what_is_not_live_cannot_be_held(in_alpha, service_status, provider_status):
    service = make_service(status=service_status)
    service.provider.status = provider_status
    service.provider.save(update_fields=["status"])

    with pytest.raises(NotBookable):
        make_hold(service, on(17, 10))


def test_buffers_of_neighbours_overlap_each_other_but_never_a_service(in_alpha):
    service = make_service(buffer_before_minutes=30, buffer_after_minutes=30)
    make_booking(service, on(17, 10))

    with pytest.raises(SlotTaken):
        make_hold(service, on(17, 11))
    hold = make_hold(service, on(17, 11, 30))

    assert hold.status == BookingStatus.HELD


def test_a_hold_in_one_marketplace_leaves_its_twin_free(alpha, beta):
    key = uuid4()
    with tenant_scope(alpha):
        make_hold(make_service(), on(17, 10), key=key)

    with tenant_scope(beta):
        service = make_service()
        assert Booking.objects.count() == 0
        assert hold_slot(actor=GUEST, service=on_sale(service), starts_at=on(17, 10), hold_key=key, now=NOW).starts_at == on(
            17, 10
        )
