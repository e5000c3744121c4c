"""What the slot picker shows: a month, a day, its free times in the viewer's zone, and the next free ones of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel import clock
from kernel.errors import Invalid
from kernel.zones import canonical_zone, is_zone, zone_choices
from tenant_apps.availability.errors import AmbiguousTime, InvalidTime, SkippedTime
from tenant_apps.availability.selectors import get_first_slots, get_slot_days, read_instant
from tenant_apps.availability.types import BookableService, Slot, ViewerDay
from tenant_apps.bookings.selectors.phrases import city_of, locale_here, moment_words
from tenant_apps.bookings.types import NextTime, Picker, PickerPaths
from webui.date_grid import build_month
from webui.formats import day_text, long_day_text, moment_text
from webui.slots import group_slots

# A quarter of a year is what one question for slots may span.
_LONGEST_LOOK_DAYS: Final = 92
_NEXT: Final = 3


def get_picker(
    *,
    service: BookableService,
    asked: Mapping[str, str],
    paths: PickerPaths,
    zone_hint: str = "",
    is_hint_chosen: bool = False,
    ignoring: Collection[UUID] = (),
    now: datetime | None = None,
) -> Picker:
    """The picker of `service` as `asked`: `month` (`2026-11`), `day` (`2026-11-13`), `tz`, `slot`; whatever is missing, or
    makes no sense, is chosen so that free times are in view. `zone_hint` is the viewer's zone if `tz` does not say it
    (their cookie or profile), `is_hint_chosen` whether they chose it themselves. `ignoring`: own hold or booking. At most
    four queries.
    """
    now = now or clock.now()
    viewer = _Viewer(asked, zone_hint, service.provider.time_zone, is_hint_chosen=is_hint_chosen)
    look = min(service.horizon_days + 1, _LONGEST_LOOK_DAYS)
    # Own holds are left in here: the chips are hints, and their times stay in the grid below.
    first = get_first_slots(services=[service], count=_NEXT, within_days=look, now=now)[service.pk]
    reading = _Reading(asked, viewer.zone)
    today = viewer.day_of(now)
    last_on = viewer.day_of(now + timedelta(days=service.horizon_days))
    month = _within(reading.month or (viewer.day_of(first[0].starts_at) if first else today), today, last_on)
    days = _days_of(service, month, today, viewer.zone, ignoring=ignoring, now=now)
    day = _day_shown(reading.day, days)
    return _drawn(service, viewer, reading, paths, month=month, today=today, last_on=last_on, days=days, day=day, first=first)


def parse_slot(text: str, zone: str) -> datetime:
    """The instant that a form named: `2026-11-13T09:00:00Z`, or a wall time without an offset in `zone`.

    Raises Invalid at the field `slot`: for what is no time, for a skipped one, and for one that happens twice.
    """
    try:
        return read_instant(text, zone=zone, field="slot")
    except (SkippedTime, AmbiguousTime):
        raise
    except InvalidTime:
        # Whoever sees this has pressed a button or followed a link; how to write times is nothing for them.
        raise Invalid(_("This is not a time. Choose one from the list."), field="slot") from None


def slot_value(moment: datetime) -> str:
    """An instant as forms and addresses name it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class _Viewer:
    """Whose clock the times are shown on: the one asked for, else the hinted one, else the provider's."""

    def __init__(self, asked: Mapping[str, str], hint: str, provider_zone: str, *, is_hint_chosen: bool) -> None:
        self.is_chosen = is_zone(asked.get("tz", "")) or is_hint_chosen
        likely = [canonical_zone(zone) for zone in (asked.get("tz", ""), hint, provider_zone) if is_zone(zone)]
        self.zone = likely[0]
        self.zones = tuple((zone, city_of(zone)) for zone in dict.fromkeys(likely))

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()


class _Reading:
    """What the address says, as far as it makes sense."""

    def __init__(self, asked: Mapping[str, str], zone: str) -> None:
        self.problem = ""
        self.chosen = ""
        self.day = self._date(asked.get("day", ""))
        self.month = self._date(f"{asked['month']}-01") if asked.get("month") else self.day
        if asked.get("slot"):
            self._read_slot(asked["slot"], zone)

    def _date(self, text: str) -> date | None:
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.problem = _("There is no date “%(date)s”.") % {"date": text[:20]}
            return None

    def _read_slot(self, text: str, zone: str) -> None:
        try:
            moment = parse_slot(text, zone)
        except Invalid as error:
            self.problem = error.message
            return
        self.chosen = slot_value(moment)
        self.day = self.day or moment.astimezone(ZoneInfo(zone)).date()
        self.month = self.month or self.day


def _within(day: date, first_on: date, last_on: date) -> date:
    return min(max(day, first_on), last_on)


def _days_of(
    service: BookableService, month: date, today: date, zone: str, *, ignoring: Collection[UUID], now: datetime
) -> list[ViewerDay]:
    """The days of the month with their free times; days that are over have none."""
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return get_slot_days(
        service=service, first_on=max(first, today), last_on=last, viewer_zone=zone, ignoring=ignoring, now=now
    )


def _day_shown(wanted: date | None, days: list[ViewerDay]) -> ViewerDay | None:
    """The wanted day if anything is free on it, else the first of the month with a free time."""
    return next((day for day in days if day.on_date == wanted), days[0] if days else None)


def _drawn(
    service: BookableService,
    viewer: _Viewer,
    reading: _Reading,
    paths: PickerPaths,
    *,
    month: date,
    today: date,
    last_on: date,
    days: list[ViewerDay],
    day: ViewerDay | None,
    first: list[Slot],
) -> Picker:
    locale = locale_here()
    on = day.on_date if day else None
    instants = [slot.slot.starts_at for slot in day.slots] if day else []
    free = {one.on_date: len(one.slots) for one in days}
    title = long_day_text(on, locale) if on else ""
    return Picker(
        paths=paths,
        zone=viewer.zone,
        zones=viewer.zones,
        all_zones=zone_choices(),
        is_zone_chosen=viewer.is_chosen,
        provider_zone=service.provider.time_zone,
        provider_city=city_of(service.provider.time_zone),
        grid=build_month(month, today=today, locale=locale, free=free, selected=on, first_on=today, last_on=last_on),
        day=on,
        day_title=title,
        groups=group_slots(instants, zone=viewer.zone, locale=locale, day=on),
        chosen=reading.chosen,
        next_times=tuple(next_time(slot.starts_at, zone=viewer.zone) for slot in first),
        announcement=_announcement(title, len(instants)),
        problem=reading.problem,
    )


def next_time(moment: datetime, *, zone: str) -> NextTime:
    """A free time as a chip shows it: in full, and in short where the month beside it says the rest."""
    locale, day = locale_here(), moment.astimezone(ZoneInfo(zone)).date()
    short = f"{day_text(day, locale, 'Ed')} {moment_text(moment, zone, 'time', locale)}"
    return NextTime(slot_value(moment), day, moment_words(moment, zone=zone), short)


def _announcement(title: str, count: int) -> str:
    if not title:
        return _("No times free in this month.")
    return ngettext("%(count)d time free on %(day)s", "%(count)d times free on %(day)s", count) % {"count": count, "day": title}
