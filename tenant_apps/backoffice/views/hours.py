"""A provider's hours: the usual week, and dates that differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_day_names
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from tenant_apps.availability.selectors import get_exceptions, get_weekly_hours
from tenant_apps.availability.services import add_exception, remove_exception, set_weekly_hours
from tenant_apps.availability.types import MINUTES_A_DAY, ExceptionKind, HoursChange
from tenant_apps.backoffice.forms.hours import FIELDS, ExceptionForm, HoursForm
from tenant_apps.backoffice.rules import hours_sentence, read_windows, write_windows
from tenant_apps.backoffice.services import restore_exception, restore_hours, token_for_exception, token_for_hours
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.closures import closures
from tenant_apps.backoffice.views.gate import act, form_page, provider_at, refusal
from tenant_apps.providers.types import ProviderProfile
from tenants.scope import current_tenant
from webui.formats import current_locale, minute_text, styled_day_text
from webui.htmx import add_toast, redirect_to

if TYPE_CHECKING:
    from tenant_apps.availability.models import DateException


@dataclass(frozen=True, slots=True)
class _ExceptionLine:
    """A date that differs, in words."""

    id: UUID
    day: str
    words: str
    note: str


@form_page()
def edit(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """The week as a whole."""
    profile = provider_at(desk, provider_id)
    if request.method != "POST":
        return _page(request, desk, profile)
    form = HoursForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, profile, hours_form=form, status=422)
    changes: list[HoursChange] = []
    windows = read_windows(form.cleaned_data["hours"])
    refused = refusal(
        form,
        lambda: changes.append(set_weekly_hours(actor=desk.actor, provider=profile, windows=windows)),
        fields=FIELDS,
    )
    if refused is not None:
        return _page(request, desk, profile, hours_form=form, status=refused)
    undo_url = reverse("backoffice:hours_restore", args=[profile.public_id, token_for_hours(profile, changes[0].before)])
    add_toast(request, _("The hours are saved. Bookings made stay as they are."), undo_url=undo_url)
    return _back(request, profile)


@act()
def restore(request: HttpRequest, desk: Desk, provider_id: str, token: str) -> HttpResponse:
    """Undo: the week that stood before."""
    profile = provider_at(desk, provider_id)
    restore_hours(actor=desk.actor, provider=profile, token=token)
    add_toast(request, _("The hours are as they were."))
    return _back(request, profile)


@act()
def add_date(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """Close a date, or give it other hours."""
    profile = provider_at(desk, provider_id)
    form = ExceptionForm(request.POST, provider=profile)
    if not form.is_valid():
        return _page(request, desk, profile, date_form=form, status=422)
    refused = refusal(form, lambda: _add(desk, profile, form), fields=FIELDS)
    if refused is not None:
        return _page(request, desk, profile, date_form=form, status=refused)
    add_toast(request, _("The date is in the calendar."))
    return _back(request, profile)


@act()
def remove_date(request: HttpRequest, desk: Desk, provider_id: str, exception_id: UUID) -> HttpResponse:
    """Back to the usual hours on a date."""
    profile = provider_at(desk, provider_id)
    removed = remove_exception(actor=desk.actor, provider=profile, exception_id=exception_id)
    undo_url = reverse("backoffice:exception_restore", args=[profile.public_id, token_for_exception(profile, removed)])
    add_toast(request, _("The date follows the usual hours again."), undo_url=undo_url)
    return _back(request, profile)


@act()
def restore_date(request: HttpRequest, desk: Desk, provider_id: str, token: str) -> HttpResponse:
    """Undo: the date differs again."""
    profile = provider_at(desk, provider_id)
    restore_exception(actor=desk.actor, provider=profile, token=token)
    add_toast(request, _("The date is back."))
    return _back(request, profile)


def _add(desk: Desk, profile: ProviderProfile, form: ExceptionForm) -> None:
    cleaned = form.cleaned_data
    starts_minute, ends_minute = form.stretch()
    add_exception(
        actor=desk.actor,
        provider=profile,
        on_date=cleaned["on_date"],
        kind=ExceptionKind(cleaned["kind"]),
        note=cleaned["note"],
        starts_minute=starts_minute,
        ends_minute=ends_minute,
    )


def _page(
    request: HttpRequest,
    desk: Desk,
    profile: ProviderProfile,
    *,
    hours_form: HoursForm | None = None,
    date_form: ExceptionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = get_weekly_hours(provider=profile)
    today = clock.now().astimezone(ZoneInfo(profile.time_zone)).date()
    context = {
        "desk": desk,
        "profile": profile,
        "hours_form": hours_form or HoursForm(initial={"hours": write_windows(rows)}),
        "date_form": date_form or _unsent_form(profile),
        "sentence": hours_sentence(rows, day_name=_day_name, clock=_clock),
        "exceptions": _exceptions(profile, today),
        "closures": closures(),
        "section": "hours",
    }
    return render(request, "backoffice/hours.html", context, status=status)


def _unsent_form(profile: ProviderProfile) -> ExceptionForm:
    return ExceptionForm(initial={"on_date": None, "kind": ExceptionKind.CLOSED.value}, provider=profile)


def _exceptions(profile: ProviderProfile, today: date) -> list[_ExceptionLine]:
    return [
        _ExceptionLine(row.public_id, styled_day_text(row.on_date, "full", _locale()), _words(row), row.note)
        for row in get_exceptions(provider=profile, from_on=today)
    ]


def _words(row: DateException) -> str:
    """`Closed`, `Closed 09:00–12:00`, or the day's own hours."""
    span = f"{_clock(row.starts_minute)}–{_clock(row.ends_minute)}"
    if row.kind != ExceptionKind.CLOSED:
        return span
    is_whole_day = (row.starts_minute, row.ends_minute) == (0, MINUTES_A_DAY)
    return _("Closed") if is_whole_day else _("Closed %(span)s") % {"span": span}


def _day_name(weekday: int) -> str:
    return str(get_day_names("abbreviated", "stand-alone", _locale())[weekday])


def _clock(minute: int) -> str:
    return minute_text(minute, _locale())


def _locale() -> Locale:
    return current_locale(current_tenant().locale)


def _back(request: HttpRequest, profile: ProviderProfile) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:hours", args=[profile.public_id]))
