"""The database agrees with the table of transitions, for all pairs of states, whoever writes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import TRANSITIONS, may_follow
from tenant_apps.bookings.types import BookingStatus
from tenants.scope import current_tenant, schema_scope
from tests.bookings.rows import make_booking, make_service, on

PAIRS = [(one, other) for one in BookingStatus for other in BookingStatus if one != other]


@pytest.mark.parametrize(("current", "wanted"), PAIRS, ids=[f"{one}-{other}" for one, other in PAIRS])
def test_the_database_allows_exactly_the_transitions_of_the_table(in_alpha, current, wanted):
    booking = make_booking(make_service(), on(17, 10))
    force_status(booking, current)

    if may_follow(current, wanted):
        Booking.objects.filter(pk=booking.pk).update(status=wanted)

        assert Booking.objects.get(pk=booking.pk).status == wanted
    else:
        with pytest.raises(IntegrityError, match="A booking cannot go"), transaction.atomic():
            Booking.objects.filter(pk=booking.pk).update(status=wanted)

        assert Booking.objects.get(pk=booking.pk).status == current


def test_other_columns_change_in_any_state(in_alpha):
    booking = make_booking(make_service(), on(17, 10))
    force_status(booking, BookingStatus.CANCELLED)

    booking.note = "They rang."
    booking.save(update_fields=["note"])

    assert Booking.objects.get(pk=booking.pk).note == "They rang."


def test_without_the_trigger_a_forbidden_transition_goes_through(in_alpha):
    booking = make_booking(make_service(), on(17, 10))
    force_status(booking, BookingStatus.DECLINED)

    with without_triggers():
        Booking.objects.filter(pk=booking.pk).update(status=BookingStatus.CONFIRMED)

    assert Booking.objects.get(pk=booking.pk).status == BookingStatus.CONFIRMED


def test_every_state_is_in_the_table_and_no_state_follows_itself():
    assert set(TRANSITIONS) == set(BookingStatus)
    assert all(state not in after for state, after in TRANSITIONS.items())


def force_status(booking: Booking, status: BookingStatus) -> None:
    """Put a booking into a state past the guard, as no code of ours could."""
    with without_triggers():
        Booking.objects.filter(pk=booking.pk).update(status=status)


@contextmanager
def without_triggers() -> Iterator[None]:
    _as_owner("DISABLE")
    yield
    _as_owner("ENABLE")


def _as_owner(change: str) -> None:
    with schema_scope(current_tenant().schema, reason="test"), connection.cursor() as cursor:
        # A table whose deferred constraints still have to be looked at is not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE bookings_booking {change} TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
