"""The bars of a month's use, for every page that shows them: {% usage_bars standing zone refresh_url %}."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import template
from django.utils.translation import gettext as _

from shared_apps.metering.types import Bar, Basis, Standing
from shared_apps.plans.types import Beyond
from webui.formats import current_locale, day_text, money_text, number_text

register = template.Library()


@register.inclusion_tag("metering/bars.html")
def usage_bars(standing: Standing, zone: str, refresh_url: str = "") -> dict[str, Any]:  # Any: a template's context
    """Every meter with what is used, included and forecast; fetched anew every minute from `refresh_url`, where given."""
    return {"standing": standing, "zone": zone, "refresh_url": refresh_url}


@register.filter
def number(value: int) -> str:
    """A whole number as the reader writes it."""
    return number_text(value, current_locale())


@register.filter
def use_words(bar: Bar) -> str:
    """How much is used, and of how much."""
    if bar.terms.included is None:
        return _("%(used)s used, without a limit") % {"used": number(bar.used)}
    words = {"used": number(bar.used), "included": number(bar.terms.included)}
    return _("%(used)s used of %(included)s included") % words


@register.filter
def badge_words(bar: Bar) -> str:
    """What stands beside a bar that fills up."""
    if bar.is_refused:
        return _("Used up")
    return _("Beyond what is included") if bar.percent > _ALL else _("%(percent)s %% used") % {"percent": bar.percent}


@register.filter
def notes_of(bar: Bar, standing: Standing) -> list[str]:
    """What it will come to and why, what more of it costs, and what of it is of earlier months; a sentence each."""
    return [*_coming(bar, standing), *_beyond(bar), *_late(bar)]


_ALL = 100


def _coming(bar: Bar, standing: Standing) -> Iterator[str]:
    words = {"coming": number(bar.forecast.amount), "day": day_text(standing.ends_on, current_locale(), "MMMd")}
    match bar.forecast.basis:
        case Basis.STANDS:
            if bar.meter.is_peak and bar.counted_at is not None:
                yield _("The most there was at once this month.")
        case Basis.WEEKDAYS:
            text = _("About %(coming)s by %(day)s, if the days to come are like the same weekdays of the last four weeks.")
            yield text % words
        case Basis.EVENLY:
            yield _("About %(coming)s by %(day)s, if it goes on like this.") % words


def _beyond(bar: Bar) -> Iterator[str]:
    terms, locale = bar.terms, current_locale()
    if terms.included is None:
        return
    if terms.price is None:
        is_refused = terms.beyond is Beyond.REFUSED
        yield _("More than that is refused until the month ends.") if is_refused else _("More than that is not charged.")
    else:
        words = {"units": number(terms.per_units), "price": money_text(terms.price, locale)}
        yield _("Each %(units)s beyond that: %(price)s.") % words
    if bar.costs is not None:
        yield _("%(price)s so far.") % {"price": money_text(bar.costs, locale)}
    if bar.will_cost is not None and bar.will_cost != bar.costs:
        yield _("About %(price)s by the month's end.") % {"price": money_text(bar.will_cost, locale)}
    if terms.stops_at is not None and terms.stops_at != terms.included:
        yield _("It ends at %(end)s.") % {"end": number(terms.stops_at)}


def _late(bar: Bar) -> Iterator[str]:
    if bar.late:
        yield _("%(late)s of it was heard of after its own month was closed.") % {"late": number(bar.meter.in_units(bar.late))}
