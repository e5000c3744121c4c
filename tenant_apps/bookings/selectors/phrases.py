"""The times of a booking in words, in the active language: for pages and letters alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from django.utils.translation import gettext as _

from kernel.intervals import Interval
from kernel.money import Money
from tenant_apps.bookings.models import Booking
from tenants.scope import current_tenant
from webui.formats import city_text, current_locale, long_day_text, moment_text, money_text


@dataclass(frozen=True, slots=True)
class TimeWords:
    """`day` and `time` as the viewer's clock shows them, `place` the city of that clock; `elsewhere` the other side's time
    where its clock shows another, else empty.
    """

    day: str
    time: str
    place: str
    elsewhere: str

    @property
    def lines(self) -> tuple[str, ...]:
        """One line, or two where the clocks differ."""
        first = _("%(day)s, %(time)s, %(place)s time") % {"day": self.day, "time": self.time, "place": self.place}
        return (first, self.elsewhere) if self.elsewhere else (first,)

    @property
    def text(self) -> str:
        """All in one."""
        return ". ".join(self.lines)


def locale_here() -> Locale:
    """The active language in the tenant's regional form."""
    return current_locale(current_tenant().locale)


def time_words(booking: Booking, *, zone: str) -> TimeWords:
    """When `booking` is, for somebody whose clock is in `zone`, with the other side's time beside it."""
    other = booking.time_zone if zone != booking.time_zone else booking.customer_time_zone
    return span_words(booking.shown, zone=zone, other_zone=other)


def span_words(span: Interval, *, zone: str, other_zone: str) -> TimeWords:
    """A stretch of time on the clock of `zone`, and on that of `other_zone` where it shows another."""
    locale = locale_here()
    return TimeWords(
        day=long_day_text(span.start.astimezone(ZoneInfo(zone)).date(), locale),
        time=_span_text(span, zone, locale),
        place=city_of(zone),
        elsewhere=_elsewhere(span, zone, other_zone, locale),
    )


def moment_words(moment: datetime, *, zone: str) -> str:
    """`Friday 13 November, 10:00`."""
    locale = locale_here()
    day = long_day_text(moment.astimezone(ZoneInfo(zone)).date(), locale)
    return _("%(day)s, %(time)s") % {"day": day, "time": moment_text(moment, zone, "time", locale)}


def weekday_words(moment: datetime, *, zone: str) -> str:
    """`Friday`."""
    return format_date(moment.astimezone(ZoneInfo(zone)).date(), "EEEE", locale=locale_here())


def price_words(booking: Booking) -> str:
    return money_text(Money(booking.price_minor, booking.currency), locale_here(), short=True)


def city_of(zone: str) -> str:
    """The city by which people know a zone, in the active language; the zone's own name where it has none."""
    return city_text(zone, locale_here())


def _span_text(span: Interval, zone: str, locale: Locale) -> str:
    """`10:00 to 11:00`; with offsets where the clocks change meanwhile or the hour happens twice."""
    starts, ends = (moment.astimezone(ZoneInfo(zone)) for moment in (span.start, span.end))
    is_plain = starts.utcoffset() == ends.utcoffset() and not starts.fold and not _happens_again(starts)
    style = "time" if is_plain else "time_zone"
    words = {
        "starts": moment_text(span.start, zone, style, locale),  # type: ignore[arg-type]  # one of two of the literals
        "ends": moment_text(span.end, zone, style, locale),  # type: ignore[arg-type]  # as above
    }
    return _("%(starts)s to %(ends)s") % words


def _happens_again(local: datetime) -> bool:
    return local.utcoffset() != local.replace(fold=1).utcoffset()


def _elsewhere(span: Interval, zone: str, other: str, locale: Locale) -> str:
    here, there = span.start.astimezone(ZoneInfo(zone)), span.start.astimezone(ZoneInfo(other))
    if here.utcoffset() == there.utcoffset():
        return ""
    time = _span_text(span, other, locale)
    if here.date() != there.date():
        day = long_day_text(there.date(), locale)
        return _("%(day)s, %(time)s in %(city)s") % {"day": day, "time": time, "city": city_of(other)}
    return _("%(time)s in %(city)s") % {"time": time, "city": city_of(other)}
