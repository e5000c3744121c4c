"""The meters there are, and plain values of what is counted, shown and told to Stripe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from django.db import models
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.money import Money
from shared_apps.plans.types import (
    AI_TOKENS_PER_MONTH,
    API_CALLS_PER_MONTH,
    BOOKINGS_PER_MONTH,
    MAILS_PER_MONTH,
    MAX_PROVIDERS,
    STORAGE_MEGABYTES,
    Beyond,
    Quota,
)
from tenants.vocabulary import current_words, lazy_title

OPEN_FOR: Final = timedelta(days=3)
"""So long after a month's end what happened in it still counts in it; later, it counts in the month that is under way."""

REMEMBERED: Final = timedelta(days=400)
"""So long it is known what was counted. What is heard of later is not counted any more: nobody could tell whether it was."""

LEVELS: Final = (80, 100)
"""At so many hundredths of what is included the owners are told."""

LONGEST_KEY: Final = 120


class Stop(Enum):
    """What is stopped where a plan refuses more than it includes."""

    MONTH = "month"
    """More of it in that month."""
    LEVEL = "level"
    """More of it while so much is there, whatever was counted."""
    ELSEWHERE = "elsewhere"
    """None of it: the plan's end is for another number, which has its own page and its own sentence."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Something that is counted. `code` stands in tables and at Stripe, `quota` in plans, `label` in the marketplace's words.

    `unit` of what is counted is one of the quota's; of a peak the most there was at once counts, else the sum.
    """

    code: str
    quota: Quota
    label: str | Promise
    unit: int = 1
    stop: Stop = Stop.MONTH

    @property
    def is_peak(self) -> bool:
        """Whether the most there was at once counts."""
        return self.stop is Stop.LEVEL

    @property
    def event_name(self) -> str:
        """What its events are called at Stripe."""
        return self.quota.event_name

    def in_units(self, amount: int) -> int:
        """`amount` as the quota counts it, begun units as whole ones; never less than none."""
        return max(0, -(-amount // self.unit))


def _active_people() -> str:
    return gettext("Active %(people)s") % {"people": current_words().providers}


BOOKINGS: Final = Meter("bookings", BOOKINGS_PER_MONTH, lazy_title("bookings"))
# Seats are what a plan has an end for: who has left and who came in their place were both active.
ACTIVE_PROVIDERS: Final = Meter("active_providers", MAX_PROVIDERS, lazy(_active_people, str)(), stop=Stop.ELSEWHERE)
STORAGE: Final = Meter("storage", STORAGE_MEGABYTES, _("Storage in megabytes"), unit=1024 * 1024, stop=Stop.LEVEL)
MAILS: Final = Meter("mails", MAILS_PER_MONTH, _("Mails"))
API_CALLS: Final = Meter("api_calls", API_CALLS_PER_MONTH, _("API calls"))
AI_TOKENS: Final = Meter("ai_tokens", AI_TOKENS_PER_MONTH, _("AI tokens"))

METERS: Final[Mapping[str, Meter]] = {
    meter.code: meter for meter in (BOOKINGS, ACTIVE_PROVIDERS, STORAGE, MAILS, API_CALLS, AI_TOKENS)
}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is to be counted once: with the same `key` it counts once in its organization and meter.

    `amount` may be less than nothing, where something is taken back. A fact that has grown since counts what it grew by.
    """

    meter: Meter
    key: str
    occurred_at: datetime
    amount: int = 1


class SliceState(models.TextChoices):
    """How far a month's packages are on their way to Stripe."""

    WAITING = "waiting", _("Waiting")
    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("Refused")


class Basis(Enum):
    """What a forecast is made of."""

    WEEKDAYS = "weekdays"
    """The same weekdays of the last four weeks."""
    EVENLY = "evenly"
    """All days since counting began, since they are too few to tell weekdays apart."""
    STANDS = "stands"
    """Nothing adds up: what there is stays."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How much will have been used when the month is over, and what that is made of."""

    amount: int
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an organization's plan says of a meter. None is without an end, or without a price."""

    included: int | None
    stops_at: int | None
    beyond: Beyond
    per_units: int = 0
    price: Money | None = None

    @property
    def is_hard(self) -> bool:
        """Whether there is an amount that is never passed."""
        return self.stops_at is not None

    def including(self, most: int | None) -> Terms:
        """The same with what a plan of before has included in the month, where that was more; nobody passes a limit by it."""
        if most is None or self.included is None or (self.is_hard and self.price is None):
            return self
        return replace(self, included=max(most, self.included))

    def begun(self, used: int) -> int:
        """How many packages of `per_units` were begun beyond what is included; none where nothing is sold."""
        if self.price is None or self.included is None or not self.per_units:
            return 0
        charged = used if self.stops_at is None else min(used, max(self.stops_at, self.included))
        return -(-max(0, charged - self.included) // self.per_units)

    def cost_of(self, used: int) -> Money | None:
        """What `used` costs beyond what is included; None where nothing is sold. Begun packages count whole."""
        if self.price is None or self.included is None or not self.per_units:
            return None
        return self.price * self.begun(used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One meter of one organization as it is shown; numbers are in the quota's units. `counted_at` is None before the first."""

    meter: Meter
    used: int
    forecast: Forecast
    terms: Terms
    late: int
    counted_at: datetime | None
    differs_by: int | None = None

    @property
    def percent(self) -> int:
        """How much of what is included is used, as far as it goes without rounding up."""
        inside = self.terms.included
        if inside is None:
            return 0
        return 100 * self.used // inside if inside else (100 if self.used else 0)

    @property
    def shown(self) -> int:
        """How far the bar stands; it cannot show more than all."""
        return min(self.used, self.terms.included or 0)

    @property
    def forecast_shown(self) -> int:
        """As above, of the forecast."""
        return min(self.forecast.amount, self.terms.included or 0)

    @property
    def kind(self) -> str:
        """How bad it is: the name of a colour, empty where all is well."""
        is_quiet = self.meter.stop is Stop.ELSEWHERE and self.terms.beyond is Beyond.REFUSED
        if self.terms.included is None or self.percent < LEVELS[0] or is_quiet:
            return ""
        if self.percent < LEVELS[-1]:
            return "warn"
        return "bad" if self.is_refused else "warn"

    @property
    def is_refused(self) -> bool:
        """Whether nothing more is let through."""
        stops = self.meter.stop is not Stop.ELSEWHERE and self.terms.stops_at is not None
        return stops and self.used >= (self.terms.stops_at or 0)

    @property
    def costs(self) -> Money | None:
        """What of it is charged so far; None where it is nothing."""
        return _some(self.terms.cost_of(self.used))

    @property
    def will_cost(self) -> Money | None:
        """What will be charged, if the forecast is right; None where that is nothing."""
        return _some(self.terms.cost_of(self.forecast.amount))


def _some(money: Money | None) -> Money | None:
    return money if money is not None and money.amount_minor else None


@dataclass(frozen=True, slots=True)
class Standing:
    """What an organization uses in the month that is under way. `ends_on` is its last day; `as_of` the latest count."""

    month: date
    ends_on: date
    as_of: datetime | None
    bars: Sequence[Bar]
