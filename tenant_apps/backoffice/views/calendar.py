"""The week, and a day of it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kernel import clock
from tenant_apps.backoffice.rules import read_day, read_monday
from tenant_apps.backoffice.selectors.week import day_view, week_view
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import page, provider_at
from tenant_apps.providers.selectors import providers_for_staff

_MOST_CHOICES = 200


@page()
def week(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Seven days from the Monday of `?week=`, or all of `?day=`; of one provider with `?provider=`."""
    today = clock.now().astimezone(ZoneInfo(desk.zone)).date()
    day = read_day(request.GET.get("day", ""))
    chosen = request.GET.get("provider", "") if desk.runs_marketplace else ""
    provider = provider_at(desk, chosen) if chosen else None
    people = providers_for_staff(actor=desk.actor, limit=_MOST_CHOICES).rows if desk.runs_marketplace else ()
    if day is None:
        monday = read_monday(request.GET.get("week", ""), today=today)
        shown = week_view(desk, monday=monday, today=today, provider=provider)
    else:
        shown = day_view(desk, day=day, today=today, provider=provider)
    context = {"desk": desk, "provider": provider, "people": people, "week": shown}
    return render(request, "backoffice/calendar.html", context)
