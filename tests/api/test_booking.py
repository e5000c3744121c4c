"""Booking by program, and everything that can be wrong with what it sends."""

import pytest

from tests.api.calls import GUEST, TEN_TOMORROW, blamed, problem_in
from tests.api.market import BOOKING, SERVICE, booking_in, count_in, open_market, token_in

BODY = {"service": SERVICE, "starts_at": TEN_TOMORROW, "customer": GUEST}


@pytest.fixture(autouse=True)
def market(alpha, beta):
    for tenant in (alpha, beta):
        open_market(tenant)


def test_a_guest_books_and_manages_with_the_token(alpha, beta, call):
    answer = call.post("bookings", BODY)

    booked = answer.json()
    assert (answer.status_code, booked["status"], booked["starts_at"]) == (201, "confirmed", TEN_TOMORROW)
    assert booked["customer"]["phone"] == "+441314960123"
    assert answer.headers["Location"] == f"/api/v1/bookings/{booked['id']}"
    assert (count_in(alpha), count_in(beta)) == (2, 1)
    seen = call.client.get(answer.headers["Location"], headers={"booking-token": booked["manage_token"]}).json()
    assert seen == {name: value for name, value in booked.items() if name != "manage_token"}


def test_a_wall_clock_time_needs_its_zone(call):
    body = BODY | {"starts_at": "2026-11-17T11:00"}

    assert blamed(call.post("bookings", body)) == ["starts_at"]
    booked = call.post("bookings", body | {"time_zone": "Europe/Berlin"}).json()
    assert booked["starts_at"] == TEN_TOMORROW


def test_the_loser_of_a_race_gets_the_nearest_free_times(alpha, call):
    call.post("bookings", BODY)

    answer = call.post("bookings", BODY)

    assert (answer.status_code, problem_in(answer)["code"], blamed(answer)) == (409, "slot_taken", ["starts_at"])
    assert answer.json()["alternatives"] == ["2026-11-17T09:00:00Z", "2026-11-17T11:00:00Z", "2026-11-17T11:30:00Z"]
    assert count_in(alpha) == 2


def test_a_time_that_is_not_on_offer_says_which_rule_it_breaks(call):
    answer = call.post("bookings", BODY | {"starts_at": "2026-11-17T10:07:00Z"})

    assert (answer.status_code, problem_in(answer)["reason"]) == (422, "off_grid")
    assert answer.json()["alternatives"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"starts_at": "2026-02-30T10:00:00Z"}, "invalid_time", "starts_at"),
        ({"starts_at": "2026-11-17T25:00:00Z"}, "invalid_time", "starts_at"),
        ({"starts_at": "tomorrow"}, "invalid_time", "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "invalid_time", "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00+12:00"}, "invalid_time", "starts_at"),
        ({"starts_at": "2027-03-28T01:30", "time_zone": "Europe/London"}, "skipped_time", "starts_at"),
        ({"starts_at": "2027-10-31T01:30", "time_zone": "Europe/London"}, "ambiguous_time", "starts_at"),
        ({"time_zone": "Mars/Olympus", "starts_at": "2026-11-17T10:00"}, "invalid_time", "time_zone"),
        ({"starts_at": None}, "invalid", "starts_at"),
        ({"starts_at": ["x"]}, "invalid", "starts_at"),
        ({"service": "svc_nothing"}, "invalid", "service"),
        ({"service": BOOKING}, "invalid", "service"),
        ({"service": ""}, "invalid", "service"),
        ({"colour": "red"}, "invalid", "colour"),
        ({"customer": None}, "invalid", "customer"),
        ({"customer": "Fiona"}, "invalid", "customer"),
        ({"customer": GUEST | {"phone": "12"}}, "invalid_customer", "customer.phone"),
        ({"customer": GUEST | {"email": "fiona"}}, "invalid_customer", "customer.email"),
        ({"customer": GUEST | {"email": ""}}, "invalid", "customer.email"),
        ({"customer": GUEST | {"first_name": "x" * 81}}, "invalid", "customer.first_name"),
        ({"customer": GUEST | {"first_name": "a\0b"}}, "invalid", "customer.first_name"),
        ({"customer": GUEST | {"title": "Dr"}}, "invalid", "customer.title"),
    ],
)
def test_bad_input_names_its_field(alpha, call, change, code, field):
    answer = call.post("bookings", BODY | change)

    assert (answer.status_code, problem_in(answer)["code"]) == (422, code)
    assert blamed(answer) == [field]
    assert count_in(alpha) == 1


def test_all_missing_fields_are_named_at_once(call):
    assert blamed(call.post("bookings", {"customer": {}})) == [
        "starts_at",
        "service",
        "customer.first_name",
        "customer.last_name",
        "customer.email",
    ]


def test_an_ambiguous_time_comes_with_both_instants(call):
    answer = call.post("bookings", BODY | {"starts_at": "2027-10-31T01:30", "time_zone": "Europe/London"})

    assert problem_in(answer)["choices"] == ["2027-10-31T01:30:00+01:00", "2027-10-31T01:30:00+00:00"]


def test_moving_is_answered_with_the_new_time(alpha, beta, call):
    token = token_in(alpha)

    answer = call.post(f"bookings/{BOOKING}/reschedule", {"starts_at": "2026-11-20T15:00:00Z"}, booking_token=token)

    assert (answer.json()["starts_at"], answer.json()["sequence"]) == ("2026-11-20T15:00:00Z", 1)
    assert booking_in(beta).sequence == 0


def test_a_request_that_changed_is_not_agreed_to_unread(alpha, call, writer):
    call.post(f"bookings/{BOOKING}/reschedule", {"starts_at": "2026-11-20T15:00:00Z"}, key=writer)

    answer = call.post(f"bookings/{BOOKING}/confirm", {"seen_sequence": 0}, key=writer)

    assert (answer.status_code, problem_in(answer)["booking_status"]) == (409, "confirmed")


def test_a_closed_booking_is_not_moved(call, writer):
    call.post(f"bookings/{BOOKING}/cancel", key=writer)

    answer = call.post(f"bookings/{BOOKING}/reschedule", {"starts_at": "2026-11-20T15:00:00Z"}, key=writer)

    assert (answer.status_code, problem_in(answer)["code"]) == (409, "booking_state")
