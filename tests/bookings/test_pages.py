"""The pages of booking, through the door: with and without script, with good input and bad, nothing typed lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
import time_machine
from django.test import Client

from shared_apps.accounts.models import User
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors import manage_path
from tenant_apps.bookings.services import confirm_booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.types import Approval
from tenants.scope import tenant_scope
from tests.bookings.rows import (
    NOW,
    actor_of,
    make_booking,
    make_hold,
    make_provider,
    make_service,
    manager_actor,
    on,
    reread,
)

DETAILS = {
    "first_name": "Fiona",
    "last_name": "Murray",
    "email": "fiona@customer.example",
    "phone": "0131 496 0123",
    "note": "Ring twice.",
}
TEN = "2026-11-17T10:00:00Z"


@pytest.fixture(autouse=True)
def _at_now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service(alpha):
    with tenant_scope(alpha):
        return make_service()


@pytest.fixture
def booking(alpha, service):
    with tenant_scope(alpha):
        return make_booking(service, on(20, 10))


@pytest.fixture
def link(alpha, booking):
    with tenant_scope(alpha):
        return manage_path(booking)


def bookings(alpha) -> list[Booking]:
    with tenant_scope(alpha):
        return list(Booking.objects.order_by("pk"))


# --- choosing


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
    assert radios(shown)[0] == "2026-11-16T15:00:00Z" or radios(shown)[0] == "2026-11-17T09:00:00Z"
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
    assert "until 08:10" in alpha_client.get(answer.url).content.decode()


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


# --- details


def test_a_guest_books_and_lands_on_the_booking(alpha_client, service, alpha):
    alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN, "tz": "America/Toronto"})
    form = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN, "tz": "America/Toronto"}).content.decode()

    answer = alpha_client.post(f"/services/{service.slug}/book/", DETAILS | hidden(form))

    [row] = bookings(alpha)
    assert (row.status, row.first_name, str(row.phone)) == (BookingStatus.CONFIRMED, "Fiona", "+441314960123")
    assert (row.customer_time_zone, row.note) == ("America/Toronto", "Ring twice.")
    page = alpha_client.get(answer.url)
    assert answer.status_code == 303
    assert page.status_code == 200
    assert "See you on Tuesday" in page.content.decode()


def test_a_guest_books_without_a_hold_and_without_script(alpha_client, service, alpha):
    form = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode()

    alpha_client.post(f"/services/{service.slug}/book/", DETAILS | hidden(form))

    assert [row.status for row in bookings(alpha)] == [BookingStatus.CONFIRMED]


def test_sending_the_form_twice_books_once(alpha_client, service, alpha):
    form = hidden(alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode())

    first = alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form)
    second = alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form)

    assert len(bookings(alpha)) == 1
    assert first.status_code == second.status_code == 303


def test_going_back_and_booking_another_time_books_a_second(alpha_client, service, alpha):
    form = hidden(alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode())
    alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form)

    alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form | {"slot": "2026-11-17T14:00:00Z"})

    assert [row.starts_at for row in bookings(alpha)] == [on(17, 10), on(17, 14)]


def test_every_mistake_is_told_at_once_beside_its_field_and_nothing_typed_is_lost(alpha_client, service, alpha):
    form = hidden(alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode())
    wrong = {"first_name": "", "last_name": "Murray", "email": "fiona@", "phone": "12", "note": "Ring twice."}

    page = alpha_client.post(f"/services/{service.slug}/book/", wrong | form)

    text = unescape(page.content.decode())
    assert page.status_code == 422
    assert "This is not a phone number." in text
    assert text.count('aria-invalid="true"') == 3
    assert 'value="Murray"' in text
    assert 'value="12"' in text
    assert "Ring twice." in text
    assert hidden(text)["slot"] == TEN
    assert bookings(alpha) == []


def test_a_slot_that_went_while_typing_keeps_the_form_and_offers_the_nearest(alpha_client, service, alpha):
    form = hidden(alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode())
    with tenant_scope(alpha):
        make_booking(service, on(17, 10), "Lewis")

    page = alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form)

    text = unescape(page.content.decode())
    assert page.status_code == 409
    assert radios(text) == ["2026-11-17T09:00:00Z", "2026-11-17T11:00:00Z", "2026-11-17T11:30:00Z"]
    assert 'value="Fiona"' in text
    again = alpha_client.post(f"/services/{service.slug}/book/", DETAILS | hidden(text) | {"slot": "2026-11-17T11:00:00Z"})
    assert again.status_code == 303


def test_the_form_says_what_browsers_fill_in(alpha_client, service):
    text = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode()

    assert re.findall(r'autocomplete="([^"]+)"', text)[:4] == ["given-name", "family-name", "email", "tel"]


def test_the_summary_shows_both_clocks_where_they_differ(alpha_client, service):
    text = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN, "tz": "Asia/Tokyo"}).content.decode()

    assert "19:00 to 20:00" in text
    assert "10:00 to 11:00 in London" in text


def test_without_a_time_the_details_lead_back_to_the_service(alpha_client, service):
    assert alpha_client.get(f"/services/{service.slug}/book/").url == f"/services/{service.slug}/#book"


def test_an_unknown_service_is_not_found(alpha_client):
    assert alpha_client.get("/services/nothing/book/", {"slot": TEN}).status_code == 404
    assert alpha_client.post("/services/nothing/book/hold/", {"slot": TEN}).status_code == 404


def test_the_pages_ask_for_the_token_of_the_form(alpha, service):
    strict = Client(enforce_csrf_checks=True, headers={"host": alpha.primary_host})

    assert strict.post(f"/services/{service.slug}/book/hold/", {"slot": TEN}).status_code == 403
    assert strict.post(f"/services/{service.slug}/book/", DETAILS | {"slot": TEN}).status_code == 403


def test_somebody_signed_in_finds_the_form_filled_in_and_the_booking_in_their_account(alpha_client, service, alpha):
    with tenant_scope(alpha):
        user = User.objects.create_user("fiona@customer.example", first_name="Fiona", last_name="Murray")
        alpha_client.force_login(user)
    form = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode()

    alpha_client.post(f"/services/{service.slug}/book/", DETAILS | hidden(form))

    assert 'value="Murray"' in form
    assert bookings(alpha)[0].customer_id == user.pk
    page = alpha_client.get("/account/").content.decode()
    assert "Deep clean" in page


# --- the booking's own page


def test_the_booking_page_shows_both_clocks_the_price_and_what_can_be_done(alpha_client, alpha, service):
    with tenant_scope(alpha):
        link = manage_path(make_booking(service, on(20, 10), time_zone="America/Toronto"))

    page = alpha_client.get(link)

    text = unescape(page.content.decode())
    assert "Friday 20 November" in text
    assert "05:00 to 06:00" in text
    assert "10:00 to 11:00 in London" in text
    assert "£96" in text
    assert "You can move or cancel until Thursday 19 November, 05:00." in text
    assert "no-cache" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_a_request_says_until_when_it_is_answered(alpha_client, alpha):
    with tenant_scope(alpha):
        request_ = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))
        link = manage_path(request_)

    waiting = alpha_client.get(link).content.decode()
    with tenant_scope(alpha):
        confirm_booking(actor=manager_actor(), booking=reread(request_))
    confirmed = alpha_client.get(link).content.decode()

    assert "Waiting for Ines Duarte" in waiting
    assert "until Friday 20 November, 10:00" in waiting
    assert "See you on Friday" in confirmed


def test_the_calendar_file_is_downloaded(alpha_client, link):
    answer = alpha_client.get(f"{link}booking.ics")

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert b"METHOD:PUBLISH" in answer.content
    assert b"DTSTART;TZID=Europe/London:20261120T100000" in answer.content


def test_cancelling_asks_first_and_then_cancels(alpha_client, alpha, booking, link):
    asked = alpha_client.get(f"{link}cancel/")
    before = bookings(alpha)[0].status
    answer = alpha_client.post(f"{link}cancel/", {"reason": "Ill."}, follow=True)

    assert asked.status_code == 200
    assert before == BookingStatus.CONFIRMED
    assert bookings(alpha)[0].status == BookingStatus.CANCELLED
    assert "This booking is cancelled" in answer.content.decode()
    assert "“Ill.”" in answer.content.decode()


def test_cancelling_twice_is_no_error(alpha_client, link):
    alpha_client.post(f"{link}cancel/", {"reason": ""})

    assert alpha_client.post(f"{link}cancel/", {"reason": ""}, follow=True).status_code == 200


def test_moving_shows_free_times_and_moves(alpha_client, alpha, link):
    page = alpha_client.get(f"{link}move/", {"day": "2026-11-20"})
    answer = alpha_client.post(f"{link}move/", {"slot": "2026-11-20T10:30:00Z", "tz": "Europe/London"}, follow=True)

    assert "2026-11-20T10:30:00Z" in radios(page.content.decode())
    [row] = bookings(alpha)
    assert (row.starts_at, row.sequence) == (on(20, 10, 30), 1)
    assert "Moved from Friday 20 November, 10:00" in answer.content.decode()


def test_moving_to_a_time_that_went_offers_the_nearest_and_moves_nothing(alpha_client, alpha, service, link):
    with tenant_scope(alpha):
        make_booking(service, on(20, 14), "Lewis")

    page = alpha_client.post(f"{link}move/", {"slot": "2026-11-20T14:00:00Z"})

    assert page.status_code == 409
    assert "This time has just been taken." in page.content.decode()
    assert bookings(alpha)[0].starts_at == on(20, 10)


def test_moving_is_over_after_the_deadline(alpha_client, alpha, link):
    with time_machine.travel(on(19, 11), tick=False):
        shown = alpha_client.get(link).content.decode()
        answer = alpha_client.post(f"{link}move/", {"slot": "2026-11-20T14:00:00Z"})

    assert "/move/" not in shown
    assert "counts it as late" in shown
    assert answer.url == link
    assert bookings(alpha)[0].starts_at == on(20, 10)


@pytest.mark.parametrize("page", ["", "booking.ics", "move/", "cancel/"])
def test_a_forged_link_is_a_friendly_404(alpha_client, link, page):
    forged = link.rstrip("/")[:-3] + "xyz/"

    answer = alpha_client.get(f"{forged}{page}")

    assert answer.status_code == 404
    assert "This link is not valid" in unescape(answer.content.decode())


@pytest.mark.parametrize("page", ["", "booking.ics", "move/", "cancel/"])
def test_the_link_of_the_twin_leads_nowhere(beta_client, link, page):
    assert beta_client.get(f"{link}{page}").status_code == 404
    assert beta_client.post(f"{link}cancel/").status_code == 404


# --- the account


def test_the_account_asks_to_sign_in(alpha_client):
    assert alpha_client.get("/account/").url.startswith("/accounts/login/")


def test_the_account_lists_ones_own_bookings_only_by_time(alpha_client, alpha, service, django_assert_max_num_queries):
    with tenant_scope(alpha):
        user = User.objects.create_user("fiona@customer.example")
        for hour in (9, 11, 13):
            make_booking(service, on(20, hour), actor=actor_of(user))
        other = make_service(make_provider("lewis"), title="Window clean")
        make_booking(other, on(20, 9), "Lena")
        alpha_client.force_login(user)

    with django_assert_max_num_queries(8):
        text = alpha_client.get("/account/").content.decode()

    assert text.count("Deep clean") == 3
    assert "Window clean" not in text
    assert "Nothing behind you yet" in alpha_client.get("/account/", {"show": "past"}).content.decode()


HTMX = {"HX-Request": "true"}


def radios(text: str) -> list[str]:
    return re.findall(r'<input type="radio" name="slot" value="([^"]+)"', text)


def buttons(text: str) -> list[str]:
    return re.findall(r'<button[^>]* name="slot" value="([^"]+)"', text)


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of the page's form of details."""
    form = text[text.index('name="attempt"') - 300 :]
    pairs = re.findall(r'<input type="hidden" name="(slot|tz|attempt)" value="([^"]*)"', form)
    return dict(pairs)
