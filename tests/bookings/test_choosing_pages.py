"""Choosing a time, through the door: with and without script, with good input and bad."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from tenant_apps.bookings.types import BookingStatus
from tenants.rates import Rate
from tenants.scope import tenant_scope
from tests.bookings.pages import HTMX, NO_TIMES, TEN, bookings, buttons, radios
from tests.bookings.rows import make_hold, on

pytestmark = pytest.mark.usefixtures("at_now")


def test_the_page_of_a_service_shows_a_month_and_the_times_of_its_first_free_day(alpha_client, service):
    page = alpha_client.get(f"/services/{service.slug}/")

    text = page.content.decode()
    assert page.status_code == 200
    assert "November 2026" in text
    assert radios(text)[:2] == ["2026-11-16T09:00:00Z", "2026-11-16T09:30:00Z"]


def test_a_day_is_chosen_without_script(alpha_client, service):
    text = alpha_client.get(f"/services/{service.slug}/", {"day": "2026-11-19"}).content.decode()

    assert radios(text)[0] == "2026-11-19T09:00:00Z"
    assert "Thursday 19 November" in text


def test_a_month_ahead_is_turned_to_and_one_beyond_the_horizon_is_not(alpha_client, service):
    december = alpha_client.get(f"/services/{service.slug}/", {"month": "2026-12"}).content.decode()
    far = alpha_client.get(f"/services/{service.slug}/", {"month": "2031-05"}).content.decode()

    assert radios(december)[0] == "2026-12-01T09:00:00Z"
    assert "January 2027" in far


def test_the_times_are_shown_on_the_viewers_clock(alpha_client, service):
    text = alpha_client.get(f"/services/{service.slug}/book/picker/", {"day": "2026-11-17", "tz": "Asia/Tokyo"}, headers=HTMX)

    shown = text.content.decode()
    assert "<html" not in shown
    assert radios(shown)[0] == "2026-11-16T15:00:00Z"
    assert 'data-zone="Asia/Tokyo"' in shown


def test_without_script_the_part_leads_to_the_page(alpha_client, service):
    answer = alpha_client.get(f"/services/{service.slug}/book/picker/", {"day": "2026-11-17"})

    assert answer.url == f"/services/{service.slug}/?day=2026-11-17#book"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"day": "2026-02-30"}, "There is no date “2026-02-30”."),
        ({"month": "2026-13"}, "There is no date “2026-13-01”."),
        ({"slot": "soon"}, "This is not a time."),
        ({"slot": "2027-03-28T01:30", "tz": "Europe/London"}, "01:30 does not exist on 2027-03-28"),
    ],
)
def test_what_makes_no_sense_in_the_address_is_said_and_the_page_stands(alpha_client, service, asked, sentence):
    page = alpha_client.get(f"/services/{service.slug}/", asked)

    assert page.status_code == 200
    assert sentence in unescape(page.content.decode())
    assert radios(page.content.decode())


def test_choosing_holds_the_time_and_leads_to_the_details(alpha_client, service, alpha):
    answer = alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN, "tz": "Europe/London"})

    assert (answer.status_code, answer.url) == (
        303,
        f"/services/{service.slug}/book/?slot=2026-11-17T10%3A00%3A00Z&tz=Europe%2FLondon",
    )
    [hold] = bookings(alpha)
    assert (hold.status, hold.starts_at) == (BookingStatus.HELD, on(17, 10))
    assert "Until 08:10 we keep" in alpha_client.get(answer.url).content.decode()


def test_ones_own_hold_stays_in_ones_own_list_and_leaves_that_of_others(alpha_client, service, alpha):
    alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN})

    mine = alpha_client.get(f"/services/{service.slug}/", {"day": "2026-11-17"}).content.decode()
    theirs = Client(headers={"host": alpha.primary_host}).get(f"/services/{service.slug}/", {"day": "2026-11-17"})

    assert TEN in radios(mine)
    assert TEN not in radios(theirs.content.decode())


def test_choosing_another_time_moves_the_hold(alpha_client, service, alpha):
    alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN})
    alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": "2026-11-17T10:30:00Z"})

    live = [row.starts_at for row in bookings(alpha) if row.status == BookingStatus.HELD]
    assert live == [on(17, 10, 30)]


def test_a_time_that_just_went_is_answered_with_the_nearest(alpha_client, service, alpha):
    with tenant_scope(alpha):
        make_hold(service, on(17, 10))

    page = alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN})

    text = page.content.decode()
    assert page.status_code == 409
    assert "This time has just been taken." in text
    assert [value for value in buttons(text) if value.startswith("2026-11-17")][:3] == [
        "2026-11-17T09:00:00Z",
        "2026-11-17T11:00:00Z",
        "2026-11-17T11:30:00Z",
    ]


@pytest.mark.parametrize(
    ("slot", "sentence"),
    [
        ("", "Choose a time first."),
        ("tomorrow", "This is not a time."),
        ("2026-11-17T03:00:00Z", "outside the opening hours"),
        ("2027-03-28T01:30", "does not exist"),
        ("2026-10-25T01:30", "happens twice"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_a_sentence(alpha_client, service, alpha, slot, sentence):
    page = alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": slot, "tz": "Europe/London"})

    assert page.status_code == 422
    assert sentence in unescape(page.content.decode())
    assert bookings(alpha) == []


@pytest.mark.parametrize("slot", NO_TIMES)
def test_a_time_that_no_calendar_has_is_told_wherever_it_is_asked_for(alpha_client, service, alpha, slot):
    shown = alpha_client.get(f"/services/{service.slug}/", {"slot": slot})
    part = alpha_client.get(f"/services/{service.slug}/book/picker/", {"slot": slot}, headers=HTMX)
    held = alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": slot})

    assert [answer.status_code for answer in (shown, part, held)] == [200, 200, 422]
    assert all("This is not a time." in answer.content.decode() for answer in (shown, part, held))
    assert bookings(alpha) == []


def test_a_visitor_chooses_only_so_many_times_in_a_while(alpha_client, beta_client, service, alpha, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.rates.HOLDS", Rate("holds", 1, 600))
    alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN})

    refused = Client(headers={"host": alpha.primary_host}).post(
        f"/services/{service.slug}/book/hold/", {"slot": "2026-11-17T12:00:00Z"}
    )

    assert refused.status_code == 429
    assert "Too many requests." in refused.content.decode()
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert [row.starts_at for row in bookings(alpha)] == [on(17, 10)]


def test_all_visitors_together_choose_only_so_many_times_in_a_while(alpha_client, service, alpha, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.rates.ALL_HOLDS", Rate("all-holds", 1, 600))
    alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN})

    other = Client(headers={"host": alpha.primary_host}, REMOTE_ADDR="203.0.113.9")

    assert other.post(f"/services/{service.slug}/book/hold/", {"slot": "2026-11-17T12:00:00Z"}).status_code == 429


@pytest.mark.parametrize(("cookie", "is_chosen"), [("tz_chosen", True), ("tz", False)])
def test_a_zone_that_was_chosen_stays_chosen_on_the_next_page(alpha_client, service, link, cookie, is_chosen):
    alpha_client.cookies[cookie] = "Asia/Tokyo"

    pages = [alpha_client.get(path).content.decode() for path in (f"/services/{service.slug}/", f"{link}move/")]

    assert all('<option value="Asia/Tokyo" selected>' in page for page in pages)
    assert [" data-chosen" in page for page in pages] == [is_chosen, is_chosen]


def test_a_chosen_zone_counts_before_the_browsers(alpha_client, service):
    alpha_client.cookies["tz"] = "Europe/Paris"
    alpha_client.cookies["tz_chosen"] = "Asia/Tokyo"

    page = alpha_client.get(f"/services/{service.slug}/").content.decode()

    assert '<option value="Asia/Tokyo" selected>' in page


def test_every_zone_can_be_chosen_without_script(alpha_client, service):
    page = alpha_client.get(f"/services/{service.slug}/").content.decode()

    short, _, long = page.partition("<optgroup")
    assert '<option value="Europe/London" selected>' in short
    assert {'<option value="Asia/Kathmandu">' in long, '<option value="America/St_Johns">' in long} == {True}
    assert "Etc/GMT" not in long
