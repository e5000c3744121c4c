"""Lists: pages that no insert shifts, filters that are named, and as many queries for many rows as for few."""

import pytest

from tenant_apps.catalog.selectors import service_at
from tenants.scope import tenant_scope
from tests.api.calls import blamed
from tests.api.market import SERVICE, add_services, open_market
from tests.bookings.rows import SYSTEM, make_booking, on


@pytest.fixture(autouse=True)
def market(alpha, beta):
    for tenant in (alpha, beta):
        open_market(tenant)


def book_on(tenant, *days, hour=10, name="Moira"):
    with tenant_scope(tenant):
        for day in days:
            make_booking(service_at("ines-deep-clean", actor=SYSTEM), on(day, hour), name)


def starts(answer):
    return [item["starts_at"][8:13] for item in answer.json()["items"]]


def test_bookings_come_the_latest_first_and_a_new_one_shifts_no_page(alpha, call, reader):
    book_on(alpha, 21, 22, 23, 24)
    first = call.get("bookings", key=reader, query={"limit": 2})
    book_on(alpha, 25, 26)

    second = call.get("bookings", key=reader, query={"limit": 2, "cursor": first.json()["next_cursor"]})
    third = call.get("bookings", key=reader, query={"limit": 2, "cursor": second.json()["next_cursor"]})

    assert [starts(page) for page in (first, second, third)] == [["24T10", "23T10"], ["22T10", "21T10"], ["20T12"]]
    assert third.json()["next_cursor"] is None


def test_one_can_walk_back(alpha, call, reader):
    book_on(alpha, 21, 22)
    first = call.get("bookings", key=reader, query={"limit": 1})
    second = call.get("bookings", key=reader, query={"limit": 1, "cursor": first.json()["next_cursor"]})

    back = call.get("bookings", key=reader, query={"limit": 1, "cursor": second.json()["previous_cursor"]})

    assert starts(back) == starts(first)


def test_a_marketplace_lists_its_own_bookings_only(alpha, beta, call, reader):
    book_on(beta, 21, 22)

    assert starts(call.get("bookings", key=reader)) == ["20T12"]


def test_filters_narrow(alpha, call, reader):
    book_on(alpha, 21, name="Moira")
    book_on(alpha, 22, name="Rory")

    assert starts(call.get("bookings", key=reader, query={"search": "moira"})) == ["21T10"]
    assert starts(call.get("bookings", key=reader, query={"when": "upcoming"})) == ["20T12", "21T10", "22T10"]
    assert starts(call.get("bookings", key=reader, query={"status": "pending"})) == []


@pytest.mark.parametrize(
    "case",
    [
        ("bookings", {"limit": 0}, "limit"),
        ("bookings", {"limit": 101}, "limit"),
        ("bookings", {"limit": "many"}, "limit"),
        ("bookings", {"cursor": "made-up"}, "cursor"),
        ("bookings", {"cursor": "a\0b"}, "cursor"),
        ("bookings", {"status": "held"}, "status"),
        ("bookings", {"when": "soon"}, "when"),
        ("bookings", {"customer__password": "x"}, "customer__password"),
        ("services", {"sort": "random"}, "sort"),
        ("services", {"instant": "perhaps"}, "instant"),
        ("services", {"page": 2}, "page"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(alpha, call, reader, case):
    path, query, field = case
    answer = call.get(path, key=reader, query=query)

    assert answer.status_code == 422
    assert blamed(answer) == [field]


def test_a_cursor_is_good_in_its_own_list_only(alpha, beta, call, call_beta, key_of):
    book_on(alpha, 21, 22)
    book_on(beta, 21, 22)
    add_services(alpha, 2)
    reader = key_of(alpha, "bookings:read")
    cursor = call.get("bookings", key=reader, query={"limit": 1}).json()["next_cursor"]

    elsewhere = [
        call_beta.get("bookings", key=key_of(beta, "bookings:read"), query={"limit": 1, "cursor": cursor}),
        call.get("bookings", key=reader, query={"limit": 1, "cursor": cursor, "when": "upcoming"}),
        call.get("services", query={"limit": 1, "cursor": cursor}),
    ]

    assert [blamed(answer) for answer in elsewhere] == [["cursor"]] * 3
    assert call.get("bookings", key=reader, query={"limit": 2, "cursor": cursor}).status_code == 200


def test_services_are_paged_and_narrowed(alpha, beta, call):
    add_services(alpha, 3)

    first = call.get("services", query={"limit": 3}).json()
    rest = call.get("services", query={"limit": 3, "cursor": first["next_cursor"]}).json()

    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)
    assert call.get("services", query={"search": "nothing like it"}).json()["items"] == []


def test_free_times_are_instants_with_the_asked_zones_offset(alpha, call):
    query = {"from": "2026-11-17T12:00", "to": "2026-11-17T14:00", "time_zone": "Europe/Berlin"}

    answer = call.get(f"services/{SERVICE}/availability", query=query).json()

    assert answer["time_zone"] == "Europe/Berlin"
    assert [slot["starts_at"] for slot in answer["slots"]] == [
        f"2026-11-17T{clock}:00+01:00" for clock in ("12:00", "12:30", "13:00", "13:30")
    ]


def test_a_taken_time_is_not_free(alpha, call):
    query = {"from": "2026-11-20T11:30:00Z", "to": "2026-11-20T13:30:00Z"}

    slots = call.get(f"services/{SERVICE}/availability", query=query).json()["slots"]

    assert [slot["starts_at"][11:16] for slot in slots] == ["13:00"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": "2026-11-18T00:00:00Z"}, "from"),
        ({"from": "2026-11-18T00:00:00Z"}, "to"),
        ({"from": "2026-02-30T00:00:00Z", "to": "2026-11-18T00:00:00Z"}, "from"),
        ({"from": "2026-11-17T00:00:00Z", "to": "2026-12-30T00:00:00Z"}, "to"),
        ({"from": "2026-11-17T00:00:00Z", "to": "2026-11-16T00:00:00Z"}, "to"),
        ({"from": "2027-03-28T01:30", "to": "2027-03-29T01:30", "time_zone": "Europe/London"}, "from"),
        ({"from": "2026-11-17T00:00:00Z", "to": "2026-11-18T00:00:00Z", "time_zone": "Mars"}, "time_zone"),
    ],
)
def test_a_range_that_makes_no_sense_is_named(alpha, call, query, field):
    answer = call.get(f"services/{SERVICE}/availability", query=query)

    assert answer.status_code == 422
    assert blamed(answer) == [field]


def test_a_plus_that_became_a_blank_is_still_an_offset(alpha, call):
    path = f"services/{SERVICE}/availability?from=2026-11-17T12:00:00+01:00&to=2026-11-17T12:30:00+01:00"

    assert [slot["starts_at"] for slot in call.get(path).json()["slots"]] == ["2026-11-17T11:00:00+00:00"]
