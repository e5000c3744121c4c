"""The booking's own page by its link, and the customer's account."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine

from shared_apps.accounts.models import User
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import LINK_LIFE
from tenant_apps.bookings.selectors import manage_path
from tenant_apps.bookings.services import confirm_booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.types import Approval
from tenants.scope import tenant_scope
from tests.bookings.pages import NO_TIMES, bookings, radios
from tests.bookings.rows import actor_of, make_booking, make_provider, make_service, manager_actor, on, reread

pytestmark = pytest.mark.usefixtures("at_now")


def test_the_booking_page_shows_both_clocks_the_price_and_what_can_be_done(alpha_client, alpha, service):
    with tenant_scope(alpha):
        link = manage_path(make_booking(service, on(20, 10), time_zone="America/Toronto"))

    page = alpha_client.get(link)

    text = unescape(page.content.decode())
    assert "Friday 20 November" in text
    assert "05:00 to 06:00" in text
    assert "10:00 to 11:00 in London" in text
    assert "£96" in text
    assert "You can move or cancel free of charge until Thursday 19 November, 05:00, Toronto time." in text
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
    assert "until Friday 20 November, 07:00" in waiting
    assert "See you on Friday" in confirmed


def test_the_calendar_file_is_downloaded(alpha_client, link):
    answer = alpha_client.get(f"{link}booking.ics")

    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert b"METHOD:PUBLISH" in answer.content
    assert b"DTSTART;TZID=Europe/London:20261120T100000" in answer.content


def test_cancelling_asks_first_and_then_cancels(alpha_client, alpha, link):
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
    assert "can no longer be moved or cancelled free of charge: that was possible until Thursday 19 November, 10:00" in shown
    assert "it counts as late" in shown
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


def test_who_makes_an_account_after_booking_finds_the_form_filled_in_and_no_address_in_any_link(alpha_client, link):
    page = alpha_client.get(link).content.decode()
    answer = alpha_client.post(f"{link}account/")
    form = alpha_client.get(answer.url).content.decode()

    assert f'action="{link}account/"' in page
    assert (answer.status_code, answer.url) == (303, "/accounts/signup/")
    assert re.findall(r'name="(first_name|last_name|email)"[^>]* value="([^"]*)"', _by_name(form)) == [
        ("first_name", "Fiona"),
        ("last_name", "Murray"),
        ("email", "fiona@customer.example"),
    ]


def test_a_link_that_leads_nowhere_tells_no_name_to_the_sign_up_form(alpha_client, beta_client, link):
    assert beta_client.post(f"{link}account/").status_code == 404
    assert alpha_client.get(f"{link}account/").status_code == 405

    for client in (alpha_client, beta_client):
        assert "Fiona" not in client.get("/accounts/signup/").content.decode()


def _by_name(form: str) -> str:
    """The inputs of a page, each with its name before its value."""
    inputs = re.findall(r"<input[^>]*>", form)
    pairs = [(re.search(r' name="([^"]*)"', each), re.search(r' value="([^"]*)"', each)) for each in inputs]
    return "".join(f'<input name="{name[1]}" value="{value[1]}">' for name, value in pairs if name and value)


def test_the_account_asks_to_sign_in(alpha_client):
    assert alpha_client.get("/account/").url.startswith("/accounts/login/")


def test_the_account_lists_ones_own_bookings_only_by_time(alpha_client, alpha, service):
    with tenant_scope(alpha):
        user = User.objects.create_user("fiona@customer.example")
        for hour in (9, 11, 13):
            make_booking(service, on(20, hour), actor=actor_of(user))
        other = make_service(make_provider("lewis"), title="Window clean")
        make_booking(other, on(20, 9), "Lena")
        alpha_client.force_login(user)

    text = alpha_client.get("/account/").content.decode()

    assert text.count("Deep clean") == 3
    assert 'data-clock="Europe/London"' in text
    assert "Window clean" not in text
    assert "Nothing behind you yet" in alpha_client.get("/account/", {"show": "past"}).content.decode()


@pytest.mark.parametrize("slot", NO_TIMES)
def test_moving_to_a_time_that_no_calendar_has_is_refused_with_a_sentence(alpha_client, alpha, link, slot):
    shown = alpha_client.get(f"{link}move/", {"slot": slot})
    sent = alpha_client.post(f"{link}move/", {"slot": slot})

    assert (shown.status_code, sent.status_code) == (200, 422)
    assert "This is not a time." in sent.content.decode()
    assert [row.starts_at for row in bookings(alpha)] == [on(20, 10)]


def test_a_link_ends_months_after_its_booking_and_says_so(alpha_client, alpha, link, on_friday):
    with tenant_scope(alpha):
        Booking.objects.filter(pk=on_friday.pk).update(closed_at=on(20, 10))

    with time_machine.travel(on(20, 10) + LINK_LIFE - timedelta(seconds=1), tick=False):
        before = alpha_client.get(link)
    with time_machine.travel(on(20, 10) + LINK_LIFE, tick=False):
        after = [alpha_client.get(link), alpha_client.get(f"{link}booking.ics"), alpha_client.post(f"{link}cancel/")]

    with tenant_scope(alpha):
        fiona = User.objects.create_user("fiona@customer.example")
        Booking.objects.filter(pk=on_friday.pk).update(customer=fiona)
    with time_machine.travel(on(20, 10) + LINK_LIFE, tick=False):
        with tenant_scope(alpha):
            alpha_client.force_login(fiona)
        own = alpha_client.get(link)

    assert (before.status_code, own.status_code) == (200, 200)
    assert [answer.status_code for answer in after] == [404, 404, 404]
    assert "This link has ended" in after[0].content.decode()
    assert "Fiona" not in after[0].content.decode()
