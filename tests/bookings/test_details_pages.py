"""Giving one's name, through the door: nothing typed is lost, and what is sent twice is booked once."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from shared_apps.accounts.models import User
from tenant_apps.bookings.types import BookingStatus
from tenants.scope import tenant_scope
from tests.bookings.pages import DETAILS, NO_TIMES, TEN, bookings, buttons, hidden, radios
from tests.bookings.rows import make_booking, on

pytestmark = pytest.mark.usefixtures("at_now")


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


def test_a_link_to_a_time_that_has_gone_leads_to_the_nearest_at_once(alpha_client, service, alpha):
    with tenant_scope(alpha):
        make_booking(service, on(17, 10), "Lewis")

    taken = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN})
    past = alpha_client.get(f"/services/{service.slug}/book/", {"slot": "2020-01-01T10:00:00Z"})

    assert (taken.status_code, past.status_code) == (409, 422)
    assert "2026-11-17T11:00:00Z" in buttons(taken.content.decode())
    assert "This time has passed." in past.content.decode()


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


@pytest.mark.parametrize("form", [DETAILS, {"first_name": "", "email": "fiona@"}], ids=["good", "bad"])
@pytest.mark.parametrize("slot", NO_TIMES)
def test_details_for_a_time_that_no_calendar_has_lead_back_to_the_free_ones(alpha_client, service, alpha, slot, form):
    page = alpha_client.get(f"/services/{service.slug}/book/", {"slot": slot})
    sent = alpha_client.post(f"/services/{service.slug}/book/", form | {"slot": slot})

    assert (page.status_code, sent.status_code) == (422, 422)
    assert "This is not a time." in page.content.decode()
    assert radios(sent.content.decode())
    assert bookings(alpha) == []
