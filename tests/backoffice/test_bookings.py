"""Bookings in the backoffice: lists, answers, what is said when one is called off."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Service
from tenants.scope import tenant_scope
from tests.backoffice.market import BEGUN, NOW, REQUESTED, UPCOMING, make_booking

_S = BookingStatus


def _status(market, reference: str) -> str:
    with tenant_scope(market):
        return next(booking.status for booking in Booking.objects.all() if booking.reference == reference)


def _text(answer) -> str:
    return answer.content.decode()


def test_a_request_is_confirmed(as_, market):
    answer = as_("provider").post(f"/manage/bookings/{REQUESTED}/confirm/", {"seen": "0"})

    assert answer["Location"] == f"/manage/bookings/{REQUESTED}/"
    assert _status(market, REQUESTED) == _S.CONFIRMED


def test_a_request_that_was_moved_meanwhile_is_not_confirmed_unread(as_, market):
    with tenant_scope(market):
        Booking.objects.filter(status=_S.PENDING).update(sequence=1)

    answer = as_("provider").post(f"/manage/bookings/{REQUESTED}/confirm/", {"seen": "0"})

    assert answer.status_code == 409
    assert "has changed this booking meanwhile" in _text(answer)
    assert _status(market, REQUESTED) == _S.PENDING


@pytest.mark.parametrize(
    ("reference", "act", "status"), [(REQUESTED, "decline", _S.DECLINED), (UPCOMING, "cancel", _S.CANCELLED)]
)
def test_a_reason_goes_with_a_refusal(as_, market, reference, act, status):
    as_("manager").post(f"/manage/bookings/{reference}/{act}/", {f"{act}-reason": "I am ill,  sorry."})

    with tenant_scope(market):
        closed = Booking.objects.get(status=status)
    assert closed.reference == reference
    assert closed.closed_reason == "I am ill, sorry."
    assert closed.closed_by == "organization"


def test_a_reason_too_long_is_refused_and_kept(as_, market):
    long = "word " * 101

    answer = as_("provider").post(f"/manage/bookings/{UPCOMING}/cancel/", {"cancel-reason": long})

    assert answer.status_code == 422
    assert "at most 500 characters" in _text(answer)
    assert long.strip() in _text(answer)
    assert _status(market, UPCOMING) == _S.CONFIRMED


def test_who_did_not_come_can_be_put_right(as_, market):
    client = as_("provider")

    missed = client.post(f"/manage/bookings/{BEGUN}/no-show/", follow=True)
    assert _status(market, BEGUN) == _S.NO_SHOW
    undone = client.post(f"/manage/bookings/{BEGUN}/complete/")

    assert f'action="/manage/bookings/{BEGUN}/complete/"' in _text(missed)
    assert undone.status_code == 303
    assert _status(market, BEGUN) == _S.COMPLETED


def test_what_has_not_begun_cannot_be_done(as_, market):
    answer = as_("provider").post(f"/manage/bookings/{UPCOMING}/complete/")

    assert answer.status_code == 409
    assert _status(market, UPCOMING) == _S.CONFIRMED


@pytest.mark.parametrize(
    ("reference", "shown", "hidden"),
    [
        (REQUESTED, {"confirm", "decline"}, {"complete", "no-show", "cancel"}),
        (UPCOMING, {"cancel"}, {"confirm", "decline", "complete", "no-show"}),
        (BEGUN, {"cancel", "complete", "no-show"}, {"confirm", "decline"}),
    ],
)
def test_a_page_offers_only_what_can_be_done(as_, reference, shown, hidden):
    page = _text(as_("provider").get(f"/manage/bookings/{reference}/"))

    assert {act for act in shown | hidden if f"/manage/bookings/{reference}/{act}/" in page} == shown


@pytest.mark.parametrize(
    ("tab", "references"),
    [
        ("upcoming", {UPCOMING, BEGUN}),
        ("to-confirm", {REQUESTED}),
        ("past", set()),
        ("cancelled", set()),
        ("nonsense", {UPCOMING, BEGUN}),
    ],
)
def test_each_list_has_its_own(as_, tab, references):
    page = _text(as_("owner").get(f"/manage/bookings/?tab={tab}"))

    assert {reference for reference in (UPCOMING, BEGUN, REQUESTED) if reference in page} == references


def test_another_provider_sees_an_empty_list_that_says_what_to_do(as_):
    page = _text(as_("other").get("/manage/bookings/"))

    assert UPCOMING not in page
    assert "Nothing ahead" in page
    assert "Share your page" in page


def _counts_on_tabs(page: str) -> list[str]:
    tabs = page.split('<nav class="tabs"')[1].split("</nav>", maxsplit=1)[0]
    return re.findall(r"To confirm\s*<span class=\"badge badge-brand num\">(\d+)</span>", tabs)


def _without_what_is_ahead(market, requests: int) -> None:
    with tenant_scope(market):
        Booking.objects.filter(status=_S.CONFIRMED).delete()
        Booking.objects.filter(status=_S.PENDING).delete()
        service = Service.objects.first()
        for number in range(requests):
            make_booking(service, NOW + timedelta(days=3, hours=2 * number), _S.PENDING)


@pytest.mark.parametrize(("requests", "sentence"), [(1, "1 waits for your answer"), (2, "2 wait for your answer")])
def test_an_empty_list_of_what_is_ahead_leads_to_the_requests_that_wait(as_, market, requests, sentence):
    _without_what_is_ahead(market, requests)

    page = _text(as_("owner").get("/manage/bookings/"))

    assert sentence in page
    assert 'class="btn btn-primary" href="/manage/bookings/?tab=to-confirm"' in page
    assert "Nothing ahead" not in page


def test_without_a_request_the_empty_list_and_its_tabs_speak_of_none(as_, market):
    _without_what_is_ahead(market, 0)

    page = _text(as_("owner").get("/manage/bookings/"))

    assert "Nothing ahead" in page
    assert "your answer" not in page
    assert _counts_on_tabs(page) == []


@pytest.mark.parametrize("tab", ["upcoming", "to-confirm", "past"])
def test_the_tab_of_requests_counts_those_that_wait_for_the_reader(as_, tab):
    page = f"/manage/bookings/?tab={tab}"

    assert _counts_on_tabs(_text(as_("owner").get(page))) == ["1"]
    assert _counts_on_tabs(_text(as_("other").get(page))) == []


def test_somebody_is_found_by_a_part_of_their_name(as_):
    client = as_("owner")

    assert UPCOMING in _text(client.get("/manage/bookings/?q=fion"))
    assert "Nothing matches" in _text(client.get("/manage/bookings/?q=Zebedee"))


def test_every_booking_is_on_exactly_one_page(as_, market):
    with tenant_scope(market):
        service = Service.objects.first()
        made = {make_booking(service, NOW + timedelta(days=3, hours=2 * n), _S.CONFIRMED).reference for n in range(45)}
    client, url, seen = as_("owner"), "/manage/bookings/?tab=upcoming", []

    while url:
        answer = client.get(url)
        page = answer.context["page"]
        seen += [booking.reference for booking in page.rows]
        url = page.next_cursor and f"/manage/bookings/?tab=upcoming&after={page.next_cursor}"

    assert len(seen) == len(set(seen))
    assert set(seen) == made | {UPCOMING, BEGUN}
    back = client.get(f"/manage/bookings/?tab=upcoming&before={page.previous_cursor}").context["page"]
    assert [booking.reference for booking in back.rows] == seen[20:40]


@pytest.mark.parametrize("cursor", ["nonsense", "WyI-IiwieCIsMV0", "WyI-Iiw5OTk5OTk5OTk5OTk5LDFd"])
def test_a_made_up_place_in_a_list_is_refused(as_, cursor):
    assert as_("owner").get(f"/manage/bookings/?after={cursor}").status_code == 422


def test_declining_what_the_customer_has_changed_since_is_not_done_unread(as_, market):
    client = as_("provider")
    shown = _text(client.get(f"/manage/bookings/{REQUESTED}/decline/"))

    answer = client.post(f"/manage/bookings/{REQUESTED}/decline/", {"decline-reason": "Away.", "seen": "-1"})
    done = client.post(f"/manage/bookings/{REQUESTED}/decline/", {"decline-reason": "Away.", "seen": "0"})

    assert '<input type="hidden" name="seen" value="0">' in shown
    assert answer.status_code == 409
    assert "has changed this booking meanwhile" in _text(answer)
    assert "Away." in _text(answer)
    assert done.status_code == 303
    assert _status(market, REQUESTED) == _S.DECLINED
