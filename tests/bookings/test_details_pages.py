"""Giving one's name, through the door: nothing typed is lost, and what is sent twice is booked once."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from kernel.locking import Busy
from shared_apps.accounts.models import User
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.hosts import host_cache
from tenants.rates import Rate
from tenants.registry import update_tenant
from tenants.scope import platform_scope, tenant_scope
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


def test_going_back_to_the_form_leads_to_the_booking_in_this_browser_alone(alpha_client, client, service, alpha):
    path = f"/services/{service.slug}/book/"
    form = hidden(alpha_client.get(path, {"slot": TEN}).content.decode())
    booked = alpha_client.post(path, DETAILS | form)

    back = alpha_client.get(path, {"slot": TEN})
    stranger = client.get(path, {"slot": TEN}, headers={"host": alpha.primary_host})

    assert (back.status_code, back.url) == (302, booked.url)
    assert stranger.status_code == 409


def test_going_back_and_booking_another_time_books_a_second(alpha_client, service, alpha):
    form = hidden(alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode())
    alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form)

    alpha_client.post(f"/services/{service.slug}/book/", DETAILS | form | {"slot": "2026-11-17T14:00:00Z"})

    assert [row.starts_at for row in bookings(alpha)] == [on(17, 10), on(17, 14)]


@pytest.mark.parametrize("email", ["fiona@", "fiona@xn--a.example"], ids=["no address", "one that no mail reaches"])
def test_every_mistake_is_told_at_once_beside_its_field_and_nothing_typed_is_lost(alpha_client, service, alpha, email):
    form = hidden(alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN}).content.decode())
    wrong = {"first_name": "", "last_name": "Murray", "email": email, "phone": "12", "note": "Ring twice."}

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


def _sent(client, service, slot=TEN):
    form = hidden(client.get(f"/services/{service.slug}/book/", {"slot": slot}).content.decode())
    return lambda: client.post(f"/services/{service.slug}/book/", DETAILS | form)


def _keeps_everything(page) -> bool:
    text = unescape(page.content.decode())
    typed = [text.count(f'value="{DETAILS[name]}"') for name in ("first_name", "last_name", "email", "phone")]
    return typed == [1, 1, 1, 1] and DETAILS["note"] in text and hidden(text)["slot"] == TEN


def test_when_the_month_is_used_up_the_form_stays_and_speaks_to_the_customer(alpha_client, service, alpha):
    send = _sent(alpha_client, service)
    _allow_bookings(alpha, 0)

    page = send()

    assert page.status_code == 402
    assert f"{alpha.name} takes no more bookings this month." in unescape(page.content.decode())
    assert "your plan" not in page.content.decode()
    assert _keeps_everything(page)


def test_that_the_month_is_used_up_is_told_before_anything_is_typed(alpha_client, service, alpha):
    _allow_bookings(alpha, 0)

    chosen = alpha_client.post(f"/services/{service.slug}/book/hold/", {"slot": TEN})
    linked = alpha_client.get(f"/services/{service.slug}/book/", {"slot": TEN})

    assert [chosen.status_code, linked.status_code] == [402, 402]
    assert "takes no more bookings this month." in chosen.content.decode()
    assert bookings(alpha) == []


def test_a_provider_who_is_paused_while_typing_keeps_the_form(alpha_client, service, alpha):
    send = _sent(alpha_client, service)
    with tenant_scope(alpha):
        Provider.objects.update(status=ProviderStatus.PAUSED)

    page = send()

    assert page.status_code == 409
    assert _keeps_everything(page)


def test_a_database_that_is_busy_keeps_the_form(alpha_client, service, alpha, monkeypatch):
    send = _sent(alpha_client, service)

    def busy(**_):
        raise Busy("Somebody else is changing this at the moment.")

    monkeypatch.setattr("tenant_apps.bookings.services.booking.take_room_in_plan", busy)

    page = send()

    assert page.status_code == 503
    assert _keeps_everything(page)


def test_a_guest_books_only_so_often_by_the_pages_and_loses_nothing(alpha_client, beta_client, service, alpha, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.rates.BOOKINGS", Rate("bookings", 1, 600))
    first = _sent(alpha_client, service)()
    with tenant_scope(alpha):
        Booking.objects.all().delete()
    again = _sent(Client(headers={"host": alpha.primary_host}), service)

    refused = again()
    elsewhere = Client(headers={"host": alpha.primary_host}, REMOTE_ADDR="203.0.113.9")

    assert (first.status_code, refused.status_code) == (303, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    assert "Too many requests." in refused.content.decode()
    assert _keeps_everything(refused)
    assert _sent(elsewhere, service)().status_code == 303


def test_pages_and_api_are_counted_together(alpha_client, service, alpha, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.rates.BOOKINGS", Rate("bookings", 1, 600))
    assert alpha_client.post("/api/v1/bookings", "{}", content_type="application/json").status_code == 422

    assert _sent(alpha_client, service)().status_code == 429


def test_somebody_signed_in_is_counted_by_themselves(alpha_client, service, alpha, monkeypatch):
    monkeypatch.setattr("tenant_apps.bookings.services.rates.BOOKINGS", Rate("bookings", 1, 600))
    with tenant_scope(alpha):
        alpha_client.force_login(User.objects.create_user("fiona@customer.example"))
    mine = _sent(alpha_client, service)()

    guest = _sent(Client(headers={"host": alpha.primary_host}), service, slot="2026-11-17T12:00:00Z")()

    assert (mine.status_code, guest.status_code) == (303, 303)


def _allow_bookings(alpha, limit: int) -> None:
    with platform_scope(reason="test"):
        update_tenant(tenant_id=alpha.id, entitlements={"bookings_per_month": limit})
    host_cache._entries.clear()
