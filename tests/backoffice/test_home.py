"""The first page: the figures, the day, the first steps; and the calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.ids import format_public_id
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Service
from tenant_apps.providers.models import Provider
from tenants.scope import tenant_scope
from tests.backoffice.market import BEGUN, NOW, OTHER, PROVIDER, UPCOMING, make_booking
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

    assert shown.monday.isoformat() == "2026-11-16"


def test_the_calendar_turns_by_weeks(as_):
    shown = as_("provider").get("/manage/calendar/?week=2026-11-26").context["week"]

    assert (shown.monday.isoformat(), shown.previous.isoformat(), shown.following.isoformat()) == (
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
