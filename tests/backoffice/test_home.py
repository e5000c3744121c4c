"""The first page: the figures, the day, the first steps; and the calendar."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from kernel.ids import format_public_id
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Service
from tenant_apps.providers.models import Provider
from tenants.scope import tenant_scope
from tests.backoffice.market import BEGUN, NOW, OTHER, PROVIDER, UPCOMING, make_booking, make_provider, make_service
from tests.members.helpers import make_member


@pytest.mark.parametrize(("who", "in_week"), [("owner", 3), ("provider", 3), ("other", 0)])
def test_figures_count_what_the_person_may_see(as_, who, in_week):
    figures = as_(who).get("/manage/").context["home"].figures

    assert (figures.in_span, figures.upcoming, figures.to_confirm) == ((3, 2, 1) if in_week else (0, 0, 0))
    assert figures.earned_minor == (9000 if in_week else 0)


def test_today_lists_what_is_today_only(as_):
    agenda = as_("provider").get("/manage/").context["home"].agenda

    assert [booking.reference for booking in agenda] == [BEGUN]


def test_who_books_as_a_customer_does_not_find_it_among_their_own_appointments(as_, market):
    with tenant_scope(market):
        other = Provider.objects.get(slug="tomasz-nowak")
        Booking.objects.update(customer=other.user)

    page = as_("other").get("/manage/bookings/").content.decode()

    assert UPCOMING not in page


def test_the_owner_sees_what_is_left_before_the_first_booking(as_, market):
    with tenant_scope(market):
        Booking.objects.all().delete()
        Service.objects.all().update(status="draft")

    steps = as_("owner").get("/manage/").context["home"].first_steps

    assert [step.is_done for step in steps.steps] == [True, True, False, False]
    assert steps.percent == 50


def test_when_everything_is_done_the_steps_are_gone(as_):
    assert as_("owner").get("/manage/").context["home"].first_steps is None


def test_an_owner_starts_a_page_of_their_own_once(as_, market):
    client = as_("owner")

    first, second = client.post("/manage/start/"), client.post("/manage/start/")

    assert first["Location"] == second["Location"]
    with tenant_scope(market):
        assert Provider.objects.filter(user__email="owner@twin.example").count() == 1


def test_a_provider_whose_page_is_not_made_yet_makes_it(as_, market):
    with tenant_scope(market):
        make_member("new@twin.example", "provider", first_name="Nora")
    client = as_("new")
    assert "Start with your page" in client.get("/manage/").content.decode()

    answer = client.post("/manage/start/")

    with tenant_scope(market):
        own = Provider.objects.get(user__email="new@twin.example")
    assert answer["Location"] == f"/manage/providers/{format_public_id('prv', own.public_id)}/profile/"
    assert "Start with your page" not in client.get("/manage/").content.decode()


@pytest.mark.parametrize("week", ["", "nonsense", "2026-13-99", "0001-01-01", "9999-12-31"])
def test_a_calendar_without_a_sensible_week_shows_this_one(as_, week):
    shown = as_("provider").get(f"/manage/calendar/?week={week}").context["week"]

    assert shown.first_on.isoformat() == "2026-11-16"


def test_the_calendar_turns_by_weeks(as_):
    shown = as_("provider").get("/manage/calendar/?week=2026-11-26").context["week"]

    assert (shown.first_on.isoformat(), shown.previous.isoformat(), shown.following.isoformat()) == (
        "2026-11-23",
        "2026-11-16",
        "2026-11-30",
    )


def test_the_calendar_of_one_provider_shades_their_days_off(as_):
    days = as_("owner").get(f"/manage/calendar/?provider={PROVIDER}").context["week"].days

    assert [day.is_off for day in days] == [False] + [True] * 6


def test_the_calendar_of_another_provider_is_without_these_bookings(as_, market):
    client = as_("owner")

    assert client.get(f"/manage/calendar/?provider={PROVIDER}").context["week"].is_busy
    assert not client.get(f"/manage/calendar/?provider={OTHER}").context["week"].is_busy


def test_a_provider_cannot_choose_anybody_elses_calendar(as_, market):
    with tenant_scope(market):
        other = Service.objects.get(provider__slug="tomasz-nowak")
        make_booking(other, NOW + timedelta(days=1), BookingStatus.CONFIRMED, name="Secret")

    page = as_("provider").get(f"/manage/calendar/?provider={OTHER}").content.decode()

    assert "Secret" not in page


def _crowd(market, count: int) -> None:
    """As many bookings at the same time, each of another provider, on the day after tomorrow."""
    with tenant_scope(market):
        template = Service.objects.get(provider__slug="ines-duarte")
        for number in range(count):
            person = make_provider(make_member(f"c{number}@twin.example", "provider"), f"Crowd {number}", 20 + number)
            service = make_service(person, template.category, 20 + number)
            make_booking(service, NOW + timedelta(days=2, hours=5), BookingStatus.CONFIRMED, name=f"Guest{number}")


def test_a_crowded_day_says_how_many_more_and_leads_to_them(as_, market):
    _crowd(market, 4)
    client = as_("owner")

    week = client.get("/manage/calendar/").content.decode()
    day = client.get("/manage/calendar/?day=2026-11-18").content.decode()
    phone = week[week.index('class="only-m"') :]

    assert "+3 more" in week
    assert 'href="/manage/calendar/?day=2026-11-18"' in week
    assert "more" not in re.findall(r'class="ev ([^"]*)"', day)
    for number in range(4):
        assert f"Guest{number} Murray" in day
        assert f"Guest{number} Murray" in phone


def test_a_week_begins_with_its_first_working_hour(as_, market):
    with tenant_scope(market):
        Booking.objects.all().delete()
        WeeklyWindow.objects.update(starts_minute=11 * 60, ends_minute=15 * 60)

    for who in ("owner", "provider"):
        hours = as_(who).get("/manage/calendar/").context["week"].hours
        assert (hours[0].hour, hours[-1].hour) == (11, 14)


def test_working_hours_are_shown_on_the_clock_of_the_reader(as_, market):
    with tenant_scope(market):
        Booking.objects.all().delete()
        Provider.objects.filter(slug="ines-duarte").update(time_zone="Europe/Berlin")

    hours = as_("owner").get("/manage/calendar/").context["week"].hours

    assert (hours[0].hour, hours[-1].hour) == (8, 15)


@pytest.mark.parametrize("day", ["", "nonsense", "2026-13-99", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_shows_the_week(as_, day):
    assert not as_("provider").get(f"/manage/calendar/?day={day}").context["week"].is_one_day
