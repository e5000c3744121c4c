"""Yes, no, came, did not come: said by the provider's side, once."""

from datetime import timedelta

import pytest

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from tenant_apps.bookings.errors import TooEarly, WrongState
from tenant_apps.bookings.events import BookingCompleted, BookingConfirmed, BookingDeclined, BookingMissed
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.services import (
    cancel_booking,
    complete_booking,
    confirm_booking,
    decline_booking,
    mark_no_show,
    reschedule_booking,
)
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.catalog.types import Approval
from tenant_apps.members.types import Role
from tests.bookings.rows import (
    GUEST,
    NOW,
    SYSTEM,
    actor_of,
    make_booking,
    make_provider,
    make_service,
    manager_actor,
    on,
    provider_actor,
    reread,
)


@pytest.fixture
def request_(in_alpha):
    return make_booking(make_service(approval=Approval.REQUEST), on(20, 10))


def test_the_provider_says_yes(request_, outbox):
    confirm_booking(actor=provider_actor(request_.service), booking=request_, now=NOW)

    kept = reread(request_)
    assert (kept.status, kept.decided_at) == (BookingStatus.CONFIRMED, NOW)
    assert kept.due_at == on(20, 11) + timedelta(hours=12)
    assert outbox() == [BookingConfirmed(kept.public_id, 0, Party.PROVIDER, was_requested=True)]


def test_a_second_yes_changes_nothing_and_tells_nothing(request_, outbox):
    actor = manager_actor()
    confirm_booking(actor=actor, booking=reread(request_), now=NOW)

    confirm_booking(actor=actor, booking=request_, now=NOW + timedelta(hours=1))

    assert reread(request_).decided_at == NOW
    assert len(outbox()) == 1


def test_the_provider_says_no_with_a_reason_and_the_time_is_free(request_, outbox):
    service = request_.service

    decline_booking(actor=provider_actor(service), booking=request_, reason="  Away\nthat day. ", now=NOW)

    kept = reread(request_)
    assert (kept.status, kept.closed_by, kept.closed_reason) == (BookingStatus.DECLINED, Party.PROVIDER, "Away that day.")
    assert outbox() == [BookingDeclined(kept.public_id, 0, Party.PROVIDER, "Away that day.")]
    assert make_booking(service, on(20, 10), "Lewis").status == BookingStatus.PENDING


@pytest.mark.parametrize("decide", [confirm_booking, decline_booking])
def test_neither_the_customer_nor_another_provider_decides(request_, decide):
    stranger = make_provider("lewis")

    for actor in (GUEST, link_holder(request_), actor_of(stranger.user, Role.PROVIDER)):
        with pytest.raises(PermissionDenied):
            decide(actor=actor, booking=request_, now=NOW)

    assert reread(request_).status == BookingStatus.PENDING


def test_an_operator_with_the_number_of_the_provider_is_a_stranger(request_):
    twin = Actor.operator(user_id=request_.service.provider.user_id, label="operator")

    with pytest.raises(PermissionDenied):
        confirm_booking(actor=twin, booking=request_, now=NOW)


def test_a_request_that_the_customer_moved_meanwhile_is_not_agreed_to_unread(request_):
    seen = request_.sequence
    reschedule_booking(actor=link_holder(request_), booking=request_, starts_at=on(20, 12), now=NOW)

    with pytest.raises(WrongState):
        confirm_booking(actor=manager_actor(), booking=reread(request_), seen_sequence=seen, now=NOW)

    assert reread(request_).status == BookingStatus.PENDING


def test_a_request_whose_time_to_answer_is_over_is_not_agreed_to(request_):
    with pytest.raises(WrongState):
        confirm_booking(actor=manager_actor(), booking=request_, now=NOW + timedelta(days=6))


def test_a_cancelled_request_is_not_agreed_to(request_):
    stale = reread(request_)
    cancel_booking(actor=link_holder(request_), booking=request_, now=NOW)

    with pytest.raises(WrongState) as refused:
        confirm_booking(actor=manager_actor(), booking=stale, now=NOW)

    assert refused.value.status == BookingStatus.CANCELLED


def test_whether_somebody_came_is_said_after_it_began_and_can_be_put_right(in_alpha, outbox):
    booking = make_booking(make_service(), on(17, 10))
    actor = provider_actor(booking.service)

    with pytest.raises(TooEarly):
        complete_booking(actor=actor, booking=booking, now=on(17, 9, 59))
    mark_no_show(actor=actor, booking=booking, now=on(17, 10, 20))
    complete_booking(actor=actor, booking=booking, now=on(17, 11))

    assert reread(booking).status == BookingStatus.COMPLETED
    assert [type(event) for event in outbox()] == [BookingConfirmed, BookingMissed, BookingCompleted]


def test_a_request_does_not_take_place(request_):
    with pytest.raises(WrongState):
        complete_booking(actor=SYSTEM, booking=request_, now=on(20, 10))
