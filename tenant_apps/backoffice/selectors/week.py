"""The week as a grid: bookings as blocks on their day, at their time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from django.urls import reverse

from kernel.actor import Actor
from tenant_apps.backoffice.rules import hours_to_show, monday_of, place_in_grid
from tenant_apps.backoffice.selectors.today import days_in, local_date
from tenant_apps.backoffice.types import CalendarEntry, Week, WeekDay, WeekEvent
from tenant_apps.bookings.selectors import get_calendar_for
from tenant_apps.bookings.types import BookingStatus
from webui.formats import day_text, moment_text

_DAYS: Final = 7
_LOOKS: Final = {
    BookingStatus.PENDING: "w",
    BookingStatus.CONFIRMED: "",
    BookingStatus.COMPLETED: "b",
    BookingStatus.NO_SHOW: "b",
}


def week_around(
    day: date,
    *,
    actor: Actor,
    zone: str,
    locale: Locale,
    provider_pk: int | None = None,
    off_weekdays: Collection[int] = (),
    now: datetime | None = None,
) -> Week:
    """The week that `day` lies in, in `zone`; one query. With `provider_pk`, that provider's bookings only."""
    monday = monday_of(day)
    span = days_in(zone, monday, _DAYS)
    bookings = get_calendar_for(actor=actor, starts_at=span.start, ends_at=span.end, provider_pk=provider_pk)
    place = ZoneInfo(zone)
    local = [(booking, booking.starts_at.astimezone(place), booking.ends_at.astimezone(place)) for booking in bookings]
    hours = hours_to_show((starts, ends) for _booking, starts, ends in local)
    by_day = _by_day(local, hours, shows_provider=provider_pk is None)
    today = local_date(zone, now)
    dates = [monday + timedelta(days=number) for number in range(_DAYS)]
    return Week(
        days=[
            WeekDay(on, day_text(on, locale, "E"), on == today, on.weekday() in off_weekdays, by_day.get(on, ()))
            for on in dates
        ],
        hours=[moment_text(datetime.combine(monday, time(hour), place), zone, "time", locale) for hour in hours],
        title=f"{day_text(dates[0], locale, 'MMMd')} – {day_text(dates[-1], locale, 'yMMMd')}",
        previous_on=monday - timedelta(days=_DAYS),
        following_on=monday + timedelta(days=_DAYS),
    )


def _by_day(
    local: Iterable[tuple[CalendarEntry, datetime, datetime]], hours: range, *, shows_provider: bool
) -> dict[date, Sequence[WeekEvent]]:
    found: dict[date, list[WeekEvent]] = defaultdict(list)
    for booking, starts, ends in local:
        row, length = place_in_grid(starts, ends, hours)
        who = booking.provider.display_name if shows_provider else booking.service_title
        found[starts.date()].append(
            WeekEvent(
                row=row,
                length=length,
                look=_LOOKS.get(BookingStatus(booking.status), ""),
                title=booking.customer_name,
                text=who,
                url=reverse("backoffice_booking", args=[booking.reference]),
                starts_at=booking.starts_at,
            )
        )
    return dict(found)
