"""From a time and a name to a booking: at once or on request, with a hold or without, once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared_apps.accounts.models import User
from tenant_apps.bookings.errors import AttemptSpent, InvalidCustomer, SlotTaken
from tenant_apps.bookings.events import BookingConfirmed, BookingRequested
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import book, expire_holds
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.catalog.types import Approval
from tests.bookings.rows import GUEST, NOW, actor_of, details, make_booking, make_hold, make_service, on, on_sale, reread


def test_an_instant_service_is_confirmed_at_once(in_alpha):
    service = make_service()

    booking = make_booking(service, on(17, 10), note="Ring twice.")

    kept = reread(booking)
    assert kept.status == BookingStatus.CONFIRMED
    assert (kept.first_name, kept.last_name, kept.email) == ("Fiona", "Murray", "fiona@customer.example")
    assert (str(kept.phone), kept.note) == ("+441314960123", "Ring twice.")
    assert (kept.booked_at, kept.decided_at) == (NOW, NOW)
    assert kept.customer is None


def test_a_service_on_request_waits_for_the_provider_six_days_at_most(in_alpha):
    service = make_service(approval=Approval.REQUEST)

    soon, later = make_booking(service, on(17, 10)), make_booking(service, on(27, 10), "Lewis")

    assert (reread(soon).status, reread(soon).due_at) == (BookingStatus.PENDING, on(17, 7))
    assert reread(later).due_at == NOW + timedelta(days=6)
    assert reread(later).decided_at is None


def test_the_price_stays_what_was_agreed(in_alpha):
    service = make_service()
    booking = make_booking(service, on(17, 10))

    service.price_minor = 20_000
    service.title = "Deeper clean"
    service.save(update_fields=["price_minor", "title"])

    assert (reread(booking).price_minor, reread(booking).service_title) == (9600, "Deep clean")


def test_a_signed_in_customer_finds_the_booking_in_their_account(in_alpha):
    service, user = make_service(), User.objects.create_user("fiona@customer.example")

    booking = make_booking(service, on(17, 10), actor=actor_of(user))

    assert reread(booking).customer_id == user.pk


def test_a_hold_becomes_the_booking(in_alpha):
    service, key = make_service(), uuid4()
    hold = make_hold(service, on(17, 10), key=key)

    booking = book(
        actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key,
        now=NOW + timedelta(minutes=3),
    )  # fmt: skip

    assert booking.pk == hold.pk
    assert reread(booking).status == BookingStatus.CONFIRMED
    assert Booking.objects.count() == 1


def test_a_hold_whose_time_is_up_still_becomes_the_booking_while_nobody_else_took_the_time(in_alpha):
    service, key = make_service(), uuid4()
    hold = make_hold(service, on(17, 10), key=key)

    booking = book(
        actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key,
        now=NOW + timedelta(minutes=25),
    )  # fmt: skip

    assert (booking.pk, booking.status) == (hold.pk, BookingStatus.CONFIRMED)


def test_after_a_swept_hold_the_time_is_taken_anew_if_it_is_still_free(in_alpha):
    service, key = make_service(), uuid4()
    make_hold(service, on(17, 10), key=key)
    later = NOW + timedelta(minutes=25)
    expire_holds(now=later)

    booking = book(actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key, now=later)

    assert booking.status == BookingStatus.CONFIRMED


def test_after_a_swept_hold_somebody_else_may_have_the_time(in_alpha):
    service, key = make_service(), uuid4()
    make_hold(service, on(17, 10), key=key)
    later = NOW + timedelta(minutes=25)
    other = make_booking(service, on(17, 10), "Lewis", now=later)

    with pytest.raises(SlotTaken) as refused:
        book(actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key, now=later)

    assert refused.value.alternatives == (on(17, 9), on(17, 11), on(17, 11, 30))
    assert list(Booking.objects.filter(status=BookingStatus.CONFIRMED)) == [other]


def test_booking_another_time_than_the_held_one_lets_go_of_the_hold(in_alpha):
    service, key = make_service(), uuid4()
    hold = make_hold(service, on(17, 10), key=key)

    book(actor=GUEST, service=on_sale(service), starts_at=on(17, 14), customer=details(), hold_key=key, now=NOW)

    assert reread(hold).status == BookingStatus.EXPIRED


def test_a_hold_stays_when_the_other_time_is_taken(in_alpha):
    service, key = make_service(), uuid4()
    hold = make_hold(service, on(17, 10), key=key)
    make_booking(service, on(17, 14), "Lewis")

    with pytest.raises(SlotTaken):
        book(actor=GUEST, service=on_sale(service), starts_at=on(17, 14), customer=details(), hold_key=key, now=NOW)

    assert reread(hold).status == BookingStatus.HELD


def test_a_double_submit_books_once_and_tells_once(in_alpha, outbox):
    service, key = make_service(), uuid4()

    first = book(actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key, now=NOW)
    second = book(actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key, now=NOW)

    assert first.pk == second.pk
    assert Booking.objects.count() == 1
    assert outbox() == [BookingConfirmed(first.public_id, 0, Party.CUSTOMER, was_requested=False)]


def test_a_request_tells_until_when_it_can_be_answered(in_alpha, outbox):
    booking = make_booking(make_service(approval=Approval.REQUEST), on(17, 10))

    assert outbox() == [BookingRequested(booking.public_id, 0, Party.CUSTOMER, expires_at=on(17, 7))]


def test_a_booking_that_fails_tells_nothing(in_alpha, outbox):
    service = make_service()
    make_hold(service, on(17, 10))

    with pytest.raises(SlotTaken):
        make_booking(service, on(17, 10))

    assert outbox() == []


def test_a_spent_key_books_no_second_time(in_alpha):
    service, key = make_service(), uuid4()
    book(actor=GUEST, service=on_sale(service), starts_at=on(17, 10), customer=details(), hold_key=key, now=NOW)

    with pytest.raises(AttemptSpent):
        book(actor=GUEST, service=on_sale(service), starts_at=on(17, 12), customer=details(), hold_key=key, now=NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "  "),
        ("last_name", "\u2028\n"),
        ("first_name", "x" * 81),
        ("email", "fiona@"),
        ("email", "fiona@customer.example\nBcc: all@twin.example"),
        ("email", "f" * 250 + "@customer.example"),
        ("phone", "12"),
        ("phone", "call me"),
        ("phone", "+44 0000 000000"),
        ("note", "x" * 2001),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field_and_nothing_is_booked(in_alpha, field, value):
    service = make_service()

    with pytest.raises(InvalidCustomer) as refused:
        make_booking(service, on(17, 10), **{field: value})

    assert refused.value.field == field
    assert Booking.objects.count() == 0


def test_a_name_loses_its_line_breaks_before_it_can_reach_a_header(in_alpha):
    booking = make_booking(make_service(), on(17, 10), last_name="Murray\r\nBcc: all@twin.example")

    assert booking.last_name == "Murray Bcc: all@twin.example"


def test_a_phone_number_may_be_left_out_or_be_foreign(in_alpha):
    service = make_service()

    without, foreign = make_booking(service, on(17, 10), phone=""), make_booking(service, on(17, 12), phone="+49 30 901820")

    assert (str(reread(without).phone), str(reread(foreign).phone)) == ("", "+4930901820")


def test_an_unknown_zone_or_language_of_the_browser_keeps_nobody_from_booking(in_alpha):
    booking = make_booking(make_service(), on(17, 10), time_zone="Mars/Olympus", language="tlh")

    assert (booking.customer_time_zone, booking.language) == ("Europe/London", "en")
