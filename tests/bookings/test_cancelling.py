"""Either side calls it off; the customer's side in good time or late, and never after it began."""

from datetime import timedelta

import pytest

from kernel.errors import PermissionDenied
from tenant_apps.bookings.errors import TooLate, WrongState
from tenant_apps.bookings.events import BookingCancelled
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.rules import terms_of
from tenant_apps.bookings.services import cancel_booking, complete_booking
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.catalog.types import Approval
from tests.bookings.rows import (
    GUEST,
    NOW,
    make_booking,
    make_service,
    manager_actor,
    on,
    provider_actor,
    reread,
)


@pytest.fixture
def booking(in_alpha):
    return make_booking(make_service(), on(20, 10))


def test_the_customer_cancels_with_the_link_and_the_time_is_free(booking, outbox):
    cancel_booking(actor=link_holder(booking), booking=booking, reason="Ill.", now=NOW)

    kept = reread(booking)
    assert (kept.status, kept.closed_by, kept.closed_reason, kept.closed_at) == ("cancelled", "customer", "Ill.", NOW)
    assert (kept.sequence, kept.due_at) == (1, None)
    assert outbox() == [BookingCancelled(kept.public_id, 1, Party.CUSTOMER, "Ill.", is_late=False)]
    assert make_booking(booking.service, on(20, 10), "Lewis").status == BookingStatus.CONFIRMED


def test_after_the_deadline_the_customer_still_may_but_it_counts_as_late(booking, outbox):
    cancel_booking(actor=link_holder(booking), booking=booking, now=on(19, 10) + timedelta(seconds=1))

    assert reread(booking).status == BookingStatus.CANCELLED
    assert outbox()[-1] == BookingCancelled(booking.public_id, 1, Party.CUSTOMER, "", is_late=True)


def test_the_provider_is_never_late(booking, outbox):
    cancel_booking(actor=provider_actor(booking.service), booking=booking, now=on(20, 9, 59))

    assert outbox()[-1] == BookingCancelled(booking.public_id, 1, Party.PROVIDER, "", is_late=False)


def test_once_it_began_only_the_providers_side_may(booking):
    with pytest.raises(TooLate):
        cancel_booking(actor=link_holder(booking), booking=booking, now=on(20, 10))

    cancel_booking(actor=manager_actor(), booking=booking, now=on(20, 10, 30))

    assert reread(booking).closed_by == Party.ORGANIZATION


def test_what_is_over_cannot_be_called_off(booking):
    with pytest.raises(TooLate):
        cancel_booking(actor=manager_actor(), booking=booking, now=on(20, 11))

    complete_booking(actor=manager_actor(), booking=booking, now=on(20, 11))
    with pytest.raises(WrongState):
        cancel_booking(actor=manager_actor(), booking=booking, now=on(20, 11))


def test_a_second_time_changes_nothing_and_tells_nothing(booking, outbox):
    cancel_booking(actor=link_holder(booking), booking=reread(booking), now=NOW)

    cancel_booking(actor=link_holder(booking), booking=booking, now=NOW + timedelta(hours=1))

    assert reread(booking).closed_at == NOW
    assert len([event for event in outbox() if isinstance(event, BookingCancelled)]) == 1


def test_strangers_and_the_link_of_another_booking_may_not(booking):
    other = make_booking(booking.service, on(20, 14), "Lewis")

    for actor in (GUEST, link_holder(other)):
        with pytest.raises(PermissionDenied):
            cancel_booking(actor=actor, booking=booking, now=NOW)

    assert reread(booking).status == BookingStatus.CONFIRMED


def test_a_request_can_be_withdrawn_until_it_begins_and_is_never_late(in_alpha, outbox):
    request_ = make_booking(make_service(approval=Approval.REQUEST), on(17, 10))

    cancel_booking(actor=link_holder(request_), booking=request_, now=on(17, 9))

    assert outbox()[-1] == BookingCancelled(request_.public_id, 1, Party.CUSTOMER, "", is_late=False)


@pytest.mark.parametrize(
    ("status", "now", "expected"),
    [
        ("confirmed", on(19, 10), (True, True, False)),
        ("confirmed", on(19, 10) + timedelta(seconds=1), (True, False, True)),
        ("confirmed", on(20, 10), (False, False, False)),
        ("pending", on(20, 9, 59), (True, True, False)),
        ("pending", on(20, 10), (False, False, False)),
        ("cancelled", NOW, (False, False, False)),
        ("completed", NOW, (False, False, False)),
    ],
)
def test_terms(status, now, expected):
    terms = terms_of(status=status, starts_at=on(20, 10), cancel_notice_minutes=24 * 60, now=now)

    assert (terms.can_cancel, terms.can_move, terms.is_late) == expected
    assert terms.deadline_at == on(19, 10)
