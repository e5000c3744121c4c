"""The bars of a month's use, for every page that shows them: {% usage_bars standing zone refresh_url %}."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from babel import Locale
from django import template
from django.template import Context
from django.utils.translation import gettext as _

from shared_apps.metering.types import Bar, Basis, Standing, Stop
from shared_apps.plans.types import Beyond
from webui.formats import current_locale, day_text, money_text, number_text

register = template.Library()

_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class _Line:
    """A bar and what is said of it."""

    bar: Bar
    use: str
    notes: str
    badge: str


@register.inclusion_tag("metering/bars.html", takes_context=True)
def usage_bars(context: Context, standing: Standing, zone: str, refresh_url: str = "") -> dict[str, Any]:
    # Any: a template's context
    """Every meter with what is used, included and forecast; fetched anew every minute from `refresh_url`, where given."""
    place = {name: context.get(name) for name in ("locale", "tenant")}
    locale = current_locale(place["locale"] or getattr(place["tenant"], "locale", None))
    lines = [_Line(bar, _use(bar, locale), " ".join(_notes(bar, standing, locale)), _badge(bar)) for bar in standing.bars]
    return place | {"standing": standing, "lines": lines, "zone": zone, "refresh_url": refresh_url}


@register.filter
def number(value: int) -> str:
    """A whole number as the reader writes it."""
    return number_text(value, current_locale())


def _use(bar: Bar, locale: Locale) -> str:
    """How much is used, and of how much."""
    used = number_text(bar.used, locale)
    if bar.terms.included is None:
        return _("%(used)s used, without a limit") % {"used": used}
    return _("%(used)s used of %(included)s included") % {"used": used, "included": number_text(bar.terms.included, locale)}


def _badge(bar: Bar) -> str:
    """What stands beside a bar that fills up."""
    if bar.is_refused:
        return _("Used up")
    return _("Beyond what is included") if bar.percent > _ALL else _("%(percent)s %% used") % {"percent": bar.percent}


def _notes(bar: Bar, standing: Standing, locale: Locale) -> Iterator[str]:
    """What it will come to and why, what more of it costs, and what of it is of earlier months; a sentence each."""
    yield from _coming(bar, standing, locale)
    yield from _beyond(bar, locale)
    if bar.late:
        late = number_text(bar.meter.in_units(bar.late), locale)
        yield _("%(late)s of it was heard of after its own month was closed.") % {"late": late}


def _coming(bar: Bar, standing: Standing, locale: Locale) -> Iterator[str]:
    words = {"coming": number_text(bar.forecast.amount, locale), "day": day_text(standing.ends_on, locale, "MMMd")}
    match bar.forecast.basis:
        case Basis.STANDS:
            if bar.meter.is_peak and bar.counted_at is not None:
                yield _("The most there was at once this month.")
        case Basis.WEEKDAYS:
            text = _("About %(coming)s by %(day)s, if the days to come are like the same weekdays of the last four weeks.")
            yield text % words
        case Basis.EVENLY:
            yield _("About %(coming)s by %(day)s, if it goes on like this.") % words


def _end_of(stop: Stop) -> str:
    match stop:
        case Stop.MONTH:
            return _("More than that is refused until the month ends.")
        case Stop.LEVEL:
            return _("More than that is refused until something is deleted.")
        case Stop.ELSEWHERE:
            return _("Who was booked or had something on sale this month, also those who have left.")


def _beyond(bar: Bar, locale: Locale) -> Iterator[str]:
    terms = bar.terms
    if terms.included is None:
        return
    if terms.price is None:
        yield _end_of(bar.meter.stop) if terms.beyond is Beyond.REFUSED else _("More than that is not charged.")
    else:
        words = {"units": number_text(terms.per_units, locale), "price": money_text(terms.price, locale)}
        each = _("Each one beyond that: %(price)s.") if terms.per_units == 1 else _("Each %(units)s beyond that: %(price)s.")
        yield each % words
    if bar.costs is not None:
        yield _("%(price)s so far.") % {"price": money_text(bar.costs, locale)}
    if bar.will_cost is not None and bar.will_cost != bar.costs:
        yield _("About %(price)s by the month's end.") % {"price": money_text(bar.will_cost, locale)}
    if terms.stops_at is not None and terms.stops_at != terms.included:
        yield _("It ends at %(end)s.") % {"end": number_text(terms.stops_at, locale)}
