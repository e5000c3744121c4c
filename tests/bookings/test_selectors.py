"""Who sees which bookings, in which order, page by page."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.actor import Actor
from kernel.errors import Invalid
from shared_apps.accounts.models import User
from tenant_apps.availability.selectors import explain_time, get_slots
from tenant_apps.availability.types import BusyKind
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.selectors import (
    booking_behind_link,
    booking_for,
    busy_ranges,
    get_bookings_for,
    manage_url,
    visible_to,
)
from tenant_apps.bookings.selectors.links import manage_token
from tenant_apps.bookings.services import cancel_booking, renew_link
from tenant_apps.bookings.types import BookingStatus, When, Wish
from tenant_apps.catalog.types import Approval
from tenant_apps.members.types import Role
from tenants.scope import tenant_scope
from tenants.signing import sign
from tests.bookings.rows import (
    GUEST,
    NOW,
    actor_of,
    make_booking,
    make_hold,
    make_provider,
    make_service,
    manager_actor,
    on,
    provider_actor,
)


@pytest.fixture
def people(in_alpha):
    """Two providers with a booking each; the first one's customer has an account."""
    fiona = User.objects.create_user("fiona@customer.example")
    ines, lewis = make_service(), make_service(make_provider("lewis"))
    return {
        "fiona": fiona,
        "ines": ines,
        "lewis": lewis,
        "of_ines": make_booking(ines, on(17, 10), actor=actor_of(fiona)),
        "of_lewis": make_booking(lewis, on(17, 12), "Lena"),
    }


def test_each_sees_their_own_and_the_manager_all(people):
    make_hold(people["ines"], on(18, 10))

    assert set(visible_to(manager_actor())) == {people["of_ines"], people["of_lewis"]}
    assert list(visible_to(provider_actor(people["ines"]))) == [people["of_ines"]]
    assert list(visible_to(provider_actor(people["lewis"]))) == [people["of_lewis"]]
    assert list(visible_to(actor_of(people["fiona"]))) == [people["of_ines"]]
    assert list(visible_to(GUEST)) == []


def test_numbers_that_happen_to_match_show_nothing(people):
    operator = Actor.operator(user_id=people["fiona"].pk, label="operator")
    former = actor_of(people["lewis"].provider.user)

    assert list(visible_to(operator)) == []
    assert list(visible_to(former)) == []


def test_somebody_elses_booking_and_an_unknown_one_are_not_found_alike(people):
    actor = actor_of(people["fiona"])

    assert booking_for(actor=actor, booking_id=people["of_ines"].public_id) == people["of_ines"]
    with pytest.raises(NoSuchBooking):
        booking_for(actor=actor, booking_id=people["of_lewis"].public_id)


def test_lists_are_paged_by_time_without_gap_or_double(in_alpha, django_assert_num_queries):
    service = make_service()
    starts = [on(day, hour) for day in (17, 18) for hour in (9, 10, 11)]
    for number, start in enumerate(starts):
        make_booking(service, start, f"Person{number}")

    ahead = pages(When.AHEAD)
    with django_assert_num_queries(1):
        get_bookings_for(actor=manager_actor(), wish=Wish(When.AHEAD), limit=4, now=NOW)

    assert [row.starts_at for page in ahead for row in page.rows] == starts
    assert [len(page.rows) for page in ahead] == [4, 2]
    back = get_bookings_for(actor=manager_actor(), wish=Wish(When.AHEAD), cursor=ahead[1].previous_cursor, limit=4, now=NOW)
    assert [row.starts_at for row in back.rows] == starts[:4]


def test_what_is_behind_comes_backwards(in_alpha):
    service = make_service()
    make_booking(service, on(17, 9))
    make_booking(service, on(17, 10), "Lewis")
    make_booking(service, on(18, 10), "Mara")

    page = get_bookings_for(actor=manager_actor(), wish=Wish(When.BEHIND), now=on(17, 11))

    assert [row.starts_at for row in page.rows] == [on(17, 10), on(17, 9)]


def test_lists_are_narrowed_by_state_and_words(in_alpha):
    instant, request = make_service(), make_service(make_provider("lewis"), approval=Approval.REQUEST)
    make_booking(instant, on(17, 9), "Fiona")
    waiting = make_booking(request, on(17, 9), "Lena")

    by_state = get_bookings_for(actor=manager_actor(), wish=Wish(statuses=(BookingStatus.PENDING,)), now=NOW)
    by_words = get_bookings_for(actor=manager_actor(), wish=Wish(search="lena\0 CLEAN"), now=NOW)

    assert list(by_state.rows) == list(by_words.rows) == [waiting]


@pytest.mark.parametrize("cursor", ["nonsense", "WyI-IiwieCIsMV0", "WyI-IiwiMjAyNi0xMy00MCIsMV0"])
def test_a_cursor_of_somebody_elses_making_is_refused(in_alpha, cursor):
    with pytest.raises(Invalid):
        get_bookings_for(actor=manager_actor(), cursor=cursor, now=NOW)


def test_the_link_leads_to_its_booking_and_to_what_its_customer_may(people):
    booking, actor = booking_behind_link(manage_token(people["of_lewis"]))

    assert booking == people["of_lewis"]
    cancel_booking(actor=actor, booking=booking, now=NOW)
    assert manage_url(booking).startswith("http://alpha.localhost/b/")


def test_forged_renewed_and_foreign_links_lead_nowhere(people, beta):
    booking = people["of_lewis"]
    token = manage_token(booking)
    with tenant_scope(beta):
        foreign = sign("bookings.manage", [booking.public_id.hex, 0])
    other_purpose = sign("invitation", [booking.public_id.hex, 0])
    renew_link(actor=manager_actor(), booking=booking)

    for bad in (token, foreign, other_purpose, token[:-1] + "x", "", "x" * 500):
        with pytest.raises(NoSuchBooking):
            booking_behind_link(bad)
    assert booking_behind_link(manage_token(booking))[0] == booking


def test_the_link_of_a_hold_leads_nowhere(in_alpha):
    hold = make_hold(make_service(), on(17, 10))

    with pytest.raises(NoSuchBooking):
        booking_behind_link(manage_token(hold))


def test_the_slot_search_is_told_what_is_booked_held_and_over_but_not_what_is_gone(in_alpha):
    service = make_service(buffer_before_minutes=15, buffer_after_minutes=30)
    booked = make_booking(service, on(17, 9))
    make_hold(service, on(17, 12))
    make_hold(service, on(17, 15), now=NOW - timedelta(hours=1))
    cancel_booking(actor=manager_actor(), booking=make_booking(service, on(18, 10), "Mara"), now=NOW)

    rows = ask_busy(service)

    assert [(row.starts, row.ends, row.buffer_before, row.buffer_after, row.kind) for row in rows] == [
        (*stamps(on(17, 9), on(17, 10)), 900, 1800, BusyKind.BOOKING),
        (*stamps(on(17, 12), on(17, 13)), 900, 1800, BusyKind.HOLD),
    ]
    assert len(ask_busy(service, frozenset({booked.public_id}))) == 1


def test_the_registered_source_takes_a_booked_time_off_the_list(in_alpha):
    service = make_service()
    make_booking(service, on(17, 10))

    slots = get_slots(service=service, starts_at=on(17, 9), ends_at=on(17, 12), now=NOW)

    assert [slot.starts_at for slot in slots] == [on(17, 9), on(17, 11), on(17, 11, 30)]
    assert explain_time(service=service, at=on(17, 10), now=NOW).reason == "booked"


def test_a_booking_in_the_repeated_hour_takes_one_of_its_two_passes(in_alpha):
    # On 25 October 2026 the clocks of London go from 02:00 back to 01:00.
    zone, now = ZoneInfo("Europe/London"), datetime(2026, 10, 20, 8, 0, tzinfo=ZoneInfo("UTC"))
    service = make_service(make_provider(windows=[(6, 60, 120)]), grid_step_minutes=60)
    first, second = (datetime(2026, 10, 25, 1, 0, tzinfo=zone, fold=fold) for fold in (0, 1))

    booking = make_booking(service, first.astimezone(ZoneInfo("UTC")), now=now)
    left = get_slots(
        service=service, starts_at=on(1, 0).replace(month=10, day=25), ends_at=on(1, 0).replace(month=10, day=26), now=now
    )

    assert booking.local_start == "2026-10-25T01:00"
    assert [slot.starts_at for slot in left] == [second.astimezone(ZoneInfo("UTC"))]


def pages(when: When):
    found, cursor = [], None
    while not found or cursor:
        found.append(get_bookings_for(actor=manager_actor(), wish=Wish(when), cursor=cursor, limit=4, now=NOW))
        cursor = found[-1].next_cursor
    return found


def ask_busy(service, ignoring=frozenset()):
    rows = busy_ranges(provider_ids=[service.provider_id], starts_at=on(16, 0), ends_at=on(20, 0), now=NOW, ignoring=ignoring)
    return sorted(busy for _provider, busy in rows)


def stamps(*moments: datetime) -> list[int]:
    return [int(moment.timestamp()) for moment in moments]


def test_a_person_who_is_customer_and_provider_sees_both(people):
    both = actor_of(people["lewis"].provider.user, Role.PROVIDER)
    mine = make_booking(people["ines"], on(18, 10), "Lewis", actor=both)

    assert set(visible_to(both)) == {people["of_lewis"], mine}
