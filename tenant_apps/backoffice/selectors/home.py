"""The first page: figures, the day, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenant_apps.availability.selectors import get_provider_ids_with_hours
from tenant_apps.backoffice.rules import Greeting, day_span, greeting_at, monday_of, span_of_days
from tenant_apps.backoffice.selectors.week import week_view
from tenant_apps.backoffice.types import Desk, FirstSteps, Step, WeekView
from tenant_apps.bookings.selectors.staff import (
    StaffFigures,
    StaffTab,
    WeekFigures,
    bookings_for_staff,
    bookings_within,
    staff_figures,
    weekly_figures,
)
from tenant_apps.catalog.selectors import services_for_staff
from tenant_apps.members.selectors import open_invitations_for
from tenant_apps.providers.selectors import providers_for_staff
from tenants.vocabulary import current_words

if TYPE_CHECKING:
    from kernel.intervals import Interval
    from tenant_apps.bookings.selectors.staff import Booking

WEEKS_SHOWN: Final = 12
_MOST_TO_CONFIRM: Final = 4


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on the first page. `weeks` are the figures of twelve weeks, `weeks_before` of the twelve before."""

    greeting: Greeting
    today: date
    figures: StaffFigures
    agenda: Sequence[Booking]
    waiting: Sequence[Booking]
    weeks: tuple[WeekFigures, ...]
    weeks_before: tuple[WeekFigures, ...]
    week: WeekView
    first_steps: FirstSteps | None


def home_of(desk: Desk, *, now: datetime) -> Home:
    """The first page of this desk. The number of queries does not depend on how much there is."""
    today = now.astimezone(ZoneInfo(desk.zone)).date()
    monday = monday_of(today)
    figures = staff_figures(
        actor=desk.actor, now=now, span=span_of_days(monday, 7, desk.zone), earning=_month_of(today, desk.zone)
    )
    before, weeks = _weeks(desk, monday)
    return Home(
        greeting=greeting_at(now, desk.zone),
        today=today,
        figures=figures,
        agenda=bookings_within(actor=desk.actor, span=day_span(today, desk.zone)),
        waiting=bookings_for_staff(actor=desk.actor, tab=StaffTab.TO_CONFIRM, now=now, limit=_MOST_TO_CONFIRM).rows,
        weeks=weeks,
        weeks_before=before,
        week=week_view(desk, monday=monday, today=today),
        first_steps=_first_steps(desk, figures),
    )


def _month_of(day: date, zone: str) -> Interval:
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return span_of_days(first, (following - first).days, zone)


def _weeks(desk: Desk, monday: date) -> tuple[tuple[WeekFigures, ...], tuple[WeekFigures, ...]]:
    first = monday - timedelta(weeks=2 * WEEKS_SHOWN - 1)
    found = weekly_figures(actor=desk.actor, span=span_of_days(first, 7 * 2 * WEEKS_SHOWN, desk.zone), zone=desk.zone)
    mondays = [first + timedelta(weeks=index) for index in range(2 * WEEKS_SHOWN)]
    figures = tuple(found.get(day, WeekFigures(day, 0, 0)) for day in mondays)
    return figures[:WEEKS_SHOWN], figures[WEEKS_SHOWN:]


def _first_steps(desk: Desk, figures: StaffFigures) -> FirstSteps | None:
    """What is left before the first booking can come; None for those who have nothing to set up, or have done it all."""
    steps = _owner_steps(desk, figures) if desk.actor.can("settings.edit") else _provider_steps(desk, figures)
    found = FirstSteps(steps)
    return found if found.left else None


def _owner_steps(desk: Desk, figures: StaffFigures) -> tuple[Step, ...]:
    providers = providers_for_staff(actor=desk.actor).rows
    has_invited = any(card.user_id != desk.actor.user_id for card in providers) or bool(open_invitations_for(desk.actor))
    services = services_for_staff(actor=desk.actor)
    all_providers = reverse("backoffice:providers")
    return (
        Step(_("Invite %(providers)s") % {"providers": current_words().providers}, all_providers, has_invited),
        Step(_("Set weekly hours"), _own_url(desk, "hours", all_providers), bool(get_provider_ids_with_hours())),
        Step(
            _("Publish a service"),
            _own_url(desk, "services", all_providers),
            any(service.is_bookable for service in services),
        ),
        Step(_("Share the link and get the first booking"), _own_url(desk, "share", all_providers), figures.has_any),
    )


def _provider_steps(desk: Desk, figures: StaffFigures) -> tuple[Step, ...]:
    if desk.own is None:
        return ()
    services = services_for_staff(actor=desk.actor, provider_pk=desk.own.pk)
    return (
        Step(_("Fill in your profile and publish it"), _own_url(desk, "profile"), desk.own.is_live),
        Step(_("Set your weekly hours"), _own_url(desk, "hours"), desk.own.pk in get_provider_ids_with_hours()),
        Step(_("Publish a service"), _own_url(desk, "services"), any(service.is_live for service in services)),
        Step(_("Share your page and get the first booking"), _own_url(desk, "share"), figures.has_any),
    )


def _own_url(desk: Desk, page: str, otherwise: str = "") -> str:
    return reverse(f"backoffice:{page}", args=[desk.own.public_id]) if desk.own else otherwise
