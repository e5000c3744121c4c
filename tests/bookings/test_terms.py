"""What a customer may still do is told in words, on their own clock: before they book, afterwards, and in their mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from tenant_apps.bookings.errors import WrongState
from tenant_apps.bookings.rules import request_expires_at
from tenant_apps.bookings.rules.policy import REQUEST_LEAD, REQUEST_LIFE
from tenant_apps.bookings.selectors import manage_path
from tenant_apps.bookings.selectors.terms import terms_words
from tenant_apps.bookings.services import confirm_booking, reschedule_booking
from tenant_apps.catalog.types import Approval
from tenants.scope import tenant_scope
from tests.bookings.rows import NOW, make_booking, make_service, manager_actor, on, provider_actor, reread

pytestmark = pytest.mark.usefixtures("at_now")
FREE_UNTIL = "You can move or cancel free of charge until Wednesday 18 November, 05:00, Toronto time."
TOO_LATE = "can no longer be moved or cancelled free of charge"


def checkout(client, service, starts_at: datetime, zone: str = "America/Toronto") -> str:
    asked = {"slot": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}", "tz": zone}
    return unescape(client.get(f"/services/{service.slug}/book/", asked).content.decode())


def test_before_booking_the_form_says_until_when_it_is_free_to_cancel_on_the_visitors_clock(alpha_client, service):
    text = checkout(alpha_client, service, on(19, 10))

    assert FREE_UNTIL in text
    assert TOO_LATE not in text


def test_a_time_within_the_notice_is_booked_with_open_eyes(alpha_client, service):
    text = checkout(alpha_client, service, on(16, 15), "Asia/Tokyo")

    assert f"This time is so soon that the booking {TOO_LATE}" in text
    assert "that was possible until Monday 16 November, 00:00, Tokyo time" in text
    assert "it counts as late" in text


def test_the_page_of_a_booking_made_within_the_notice_says_so_and_offers_no_move(alpha_client, alpha, service):
    with tenant_scope(alpha):
        link = manage_path(make_booking(service, on(16, 15), time_zone="America/Toronto"))

    text = unescape(alpha_client.get(link).content.decode())

    assert f"This booking {TOO_LATE}: that was possible until Sunday 15 November, 10:00, Toronto time." in text
    assert f"{link}move/" not in text
    assert f"{link}cancel/" in text


def test_cancelling_late_says_again_what_it_means(alpha_client, alpha, service):
    with tenant_scope(alpha):
        link = manage_path(make_booking(service, on(16, 15)))

    assert TOO_LATE in unescape(alpha_client.get(f"{link}cancel/").content.decode())


def test_a_request_tells_by_when_it_is_answered_and_what_holds_afterwards(alpha_client, alpha):
    with tenant_scope(alpha):
        asking = make_service(approval=Approval.REQUEST)
        link = manage_path(make_booking(asking, on(19, 10), time_zone="America/Toronto"))

    form = checkout(alpha_client, asking, on(19, 12))
    page = unescape(alpha_client.get(link).content.decode())

    assert "Ines Duarte answers by Thursday 19 November, 04:00, Toronto time." in form
    assert "Once confirmed, you can move or cancel free of charge until Wednesday 18 November, 07:00, Toronto time." in form
    assert "until Thursday 19 November, 02:00" in page
    assert "You can move or withdraw the request until Ines Duarte has answered." in page


def test_a_request_within_the_notice_says_that_it_binds_once_confirmed(alpha_client, alpha):
    with tenant_scope(alpha):
        asking = make_service(approval=Approval.REQUEST)

    assert f"Once confirmed, it {TOO_LATE}" in checkout(alpha_client, asking, on(16, 15))


def test_once_it_has_begun_nothing_is_promised_any_more(in_alpha):
    booking = make_booking(make_service(), on(16, 15))

    words = terms_words(booking, zone="Europe/London", now=on(16, 15))

    assert words == "This booking has begun and can no longer be moved or cancelled here."


@given(
    until_start=st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=400)),
    asked_before=st.timedeltas(min_value=timedelta(), max_value=REQUEST_LIFE - timedelta(minutes=1)),
)
def test_a_request_always_ends_after_now_and_before_its_time_with_time_to_spare(until_start, asked_before):
    now = datetime(2026, 11, 16, 8, tzinfo=UTC)
    starts_at = now + until_start

    expires_at = request_expires_at(requested_at=now - asked_before, starts_at=starts_at, now=now)

    assert now < expires_at < starts_at
    assert starts_at - expires_at >= min(REQUEST_LEAD, until_start / 2)
    assert expires_at <= now - asked_before + REQUEST_LIFE


@pytest.mark.parametrize(
    ("ahead", "open_for"),
    [
        (timedelta(days=30), timedelta(days=6)),
        (timedelta(days=6), timedelta(days=5, hours=21)),
        (timedelta(hours=6), timedelta(hours=3)),
        (timedelta(hours=5), timedelta(hours=2, minutes=30)),
        (timedelta(minutes=10), timedelta(minutes=5)),
    ],
)
def test_a_request_is_open_for_six_days_or_until_three_hours_before_or_half_of_what_is_left(ahead, open_for):
    assert request_expires_at(requested_at=NOW, starts_at=NOW + ahead, now=NOW) == NOW + open_for


def test_a_request_moved_close_to_its_time_leaves_the_provider_half_of_what_is_left(in_alpha):
    booking = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))

    reschedule_booking(actor=manager_actor(), booking=booking, starts_at=on(16, 12), now=NOW + timedelta(hours=2))

    assert reread(booking).due_at == on(16, 11)


def test_an_answer_after_the_deadline_comes_too_late_though_the_time_is_still_ahead(in_alpha):
    booking = make_booking(make_service(approval=Approval.REQUEST), on(20, 10))

    with pytest.raises(WrongState):
        confirm_booking(actor=provider_actor(booking.service), booking=reread(booking), now=on(20, 7))


def test_the_summary_comes_before_the_form_so_that_a_phone_shows_it_first(alpha_client, service):
    text = checkout(alpha_client, service, on(19, 10))

    assert text.index('aria-label="Summary"') < text.index('name="first_name"')


def test_the_terms_follow_the_clock(alpha_client, alpha, service):
    with tenant_scope(alpha):
        link = manage_path(make_booking(service, on(19, 10), time_zone="America/Toronto"))

    early = unescape(alpha_client.get(link).content.decode())
    with time_machine.travel(on(18, 10) + timedelta(seconds=1), tick=False):
        late = unescape(alpha_client.get(link).content.decode())

    assert FREE_UNTIL in early
    assert FREE_UNTIL not in late
    assert TOO_LATE in late
