"""What one organization uses in the month that is under way, with what its plan says of it and what it will come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from kernel.money import Money
from shared_apps.metering.models import DayUsage, MonthUsage, UsageAlert
from shared_apps.metering.rules import HISTORY, days_of, forecast, month_of
from shared_apps.metering.types import AI_TOKENS, METERS, Bar, Basis, Forecast, Meter, Standing, Terms
from shared_apps.plans.selectors import offer_of, paid_in
from shared_apps.plans.types import INCLUDED, Beyond, Offer, Value, VersionContents
from tenants.context import TenantContext
from tenants.scope import platform_scope

_DAY: Final = timedelta(days=1)

type _Days = Mapping[str, Mapping[date, int]]


def usage_now(tenant: TenantContext, *, now: datetime) -> Standing:
    """Every meter of `tenant` in its month, in the registry's order (seven queries, whatever was counted). From any scope.

    What nobody counts yet, and the plan does not sell, is left out.
    """
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    month = today.replace(day=1)
    with platform_scope(reason="usage now"):
        rows = {row.meter: row for row in MonthUsage.objects.filter(tenant_id=tenant.id, month_on=month)}
        days = _days(tenant, since=min(month, today - HISTORY * _DAY))
    terms = terms_of(tenant)
    left = _left_of_day(now, tenant.time_zone, today)
    bars = [
        _bar(meter, rows.get(code), days.get(code, {}), terms[code], month=month, today=today, left=left)
        for code, meter in METERS.items()
        if meter is not AI_TOKENS or code in rows or terms[code].included
    ]
    moments = [bar.counted_at for bar in bars if bar.counted_at is not None]
    return Standing(month, days_of(month)[-1], max(moments, default=None), bars)


def terms_of(tenant: TenantContext, *, offer_of: Callable[[str, int], Offer | None] = offer_of) -> Mapping[str, Terms]:
    """What the plan says of each meter, by its code (five queries, or as `offer_of` asks). From any scope."""
    offer = offer_of(tenant.plan, tenant.plan_version)
    contents = None if offer is None else offer.contents
    return {code: _terms(tenant, meter, contents) for code, meter in METERS.items()}


def reached_quotas(tenant: TenantContext, *, now: datetime) -> Sequence[tuple[Meter, int]]:
    """Of which meters the owners were told this month that most, or all, is used, each with the highest level (one query)."""
    month = month_of(now, tenant.time_zone)
    with platform_scope(reason="reached quotas"):
        told = UsageAlert.objects.filter(tenant_id=tenant.id, month_on=month).order_by("level")
        levels = dict(told.values_list("meter", "level"))
    return [(meter, levels[code]) for code, meter in METERS.items() if code in levels]


def _days(tenant: TenantContext, *, since: date) -> _Days:
    found: dict[str, dict[date, int]] = {}
    rows = DayUsage.objects.filter(tenant_id=tenant.id, day_on__gte=since).order_by()
    for code, day, amount in rows.values_list("meter", "day_on", "amount"):
        found.setdefault(code, {})[day] = amount
    return found


def _bar(
    meter: Meter, row: MonthUsage | None, days: Mapping[date, int], terms: Terms, *, month: date, today: date, left: Fraction
) -> Bar:
    amount = 0 if row is None else row.amount
    coming = Forecast(amount, Basis.STANDS)
    if days:
        coming = forecast(
            amount, days, month=month, today=today, left_of_today=left, began_on=min(days), is_peak=meter.is_peak
        )  # fmt: skip
    return Bar(
        meter=meter,
        used=meter.in_units(amount),
        forecast=Forecast(meter.in_units(coming.amount), coming.basis),
        terms=terms if row is None else terms.including(row.included_most),
        late=0 if row is None else row.late_amount,
        counted_at=None if row is None else row.counted_at,
        differs_by=None if row is None else row.differs_by,
    )


def _terms(tenant: TenantContext, meter: Meter, contents: VersionContents | None) -> Terms:
    given = tenant.entitlements
    stops_at = _number(given.get(meter.quota.code, meter.quota.default))
    included = _number(given.get(meter.quota.code + INCLUDED, stops_at))
    said = None if contents is None else contents.quotas.get(meter.quota.code)
    if said is None:
        return Terms(included=included, stops_at=stops_at, beyond=Beyond.REFUSED)
    currency = paid_in(contents, tenant.currency) if contents is not None else ""
    price = said.prices.get(currency)
    return Terms(
        included=included,
        stops_at=stops_at,
        beyond=said.beyond,
        per_units=said.per_units,
        price=None if price is None else Money(price, currency),
    )


def _number(value: Value) -> int | None:
    return None if value is None else int(value)


def _left_of_day(now: datetime, zone: str, today: date) -> Fraction:
    """How much of the organization's day is still to come."""
    midnight, next_midnight = (datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)) for day in (today, today + _DAY))
    # As instants, since two moments on one clock are compared as if no hour was ever left out.
    begin, end = midnight.timestamp(), next_midnight.timestamp()
    gone = int(now.timestamp() - begin)
    return Fraction(max(0, int(end - begin) - gone), int(end - begin))
