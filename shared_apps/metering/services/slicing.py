"""Writes down what Stripe is to be told of months that are over: rows that are committed before anybody calls Stripe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Sum

from shared_apps.billing.types import Charged
from shared_apps.metering.models import DayUsage, MonthUsage, ReportedSlice
from shared_apps.metering.rules import is_open, next_month
from shared_apps.metering.selectors import terms_of
from shared_apps.metering.types import METERS, Meter, SliceState, Terms
from shared_apps.plans.selectors import offer_of
from tenants.models import Tenant
from tenants.scope import platform_scope

# A month is over three days after its end; so long may nobody have asked for what it came to.
_BACK: Final = timedelta(days=70)
_A_MINUTE: Final = timedelta(minutes=1)
# The last invoice is made when the subscription ends, and the last with the metered items of a plan when another one comes
# into force: what is used in the hours before that is told of by then.
_BEFORE_THE_END: Final = timedelta(hours=6)

type _TermsOf = Callable[[UUID], Mapping[str, Terms]]


def cut_slices(charged: Mapping[UUID, Charged], *, now: datetime) -> int:
    """Write a slice of every month that is over, and came to packages beyond the included; tells how many. May be called again,
    and at once.

    Of a month that is open and has changed it is only noted how much the plan includes: who has a smaller one at its end
    keeps what was included before. Months that stand where they were looked at last cost nothing.
    """
    with platform_scope(reason="metering"):
        tenants = Tenant.objects.filter(pk__in=charged, sandbox_of=None).in_bulk()
        months = MonthUsage.objects.filter(closed_at=None, tenant_id__in=tenants, month_on__gte=(now - _BACK).date())
        rows = list(months.order_by("pk").values_list("pk", "tenant_id", "month_on", "amount", "sliced_amount"))
        terms = _terms_of(charged, tenants)
        cut = 0
        for pk, tenant_id, month_on, amount, looked_at in rows:
            zone = tenants[tenant_id].time_zone
            is_closed = not is_open(month_on, zone, now)
            is_over = is_closed or _is_last(charged[tenant_id], now)
            if is_over or amount != looked_at:
                cut += _cut(pk, charged[tenant_id], zone, terms, now, is_over=is_over, is_closed=is_closed)
        return cut


def _is_last(charged: Charged, now: datetime) -> bool:
    return charged.until_at is not None and now >= charged.until_at - _BEFORE_THE_END


def _terms_of(charged: Mapping[UUID, Charged], tenants: Mapping[UUID, Tenant]) -> _TermsOf:
    """What is sold to whom: by the plan that is billed, since its prices are those of the subscription's items."""
    ask = cache(offer_of)

    @cache
    def of(tenant_id: UUID) -> Mapping[str, Terms]:
        billed = charged[tenant_id]
        own = tenants[tenant_id].as_context()
        context = replace(own, plan=billed.plan_code, plan_version=billed.plan_version, currency=billed.currency)
        return terms_of(context, offer_of=ask)

    return of


def _cut(
    pk: int, charged: Charged, zone: str, terms_of: _TermsOf, now: datetime, *, is_over: bool, is_closed: bool
) -> bool:  # fmt: skip
    with transaction.atomic():
        # Two who cut at once come one after the other; the second finds nothing left.
        month = MonthUsage.objects.select_for_update().filter(pk=pk, closed_at=None).first()
        meter = METERS.get(month.meter) if month is not None else None
        if month is None or meter is None:
            return False
        terms = terms_of(month.tenant_id)[meter.code].including(month.included_most)
        packages = _write(month, meter, charged, terms, zone=zone, now=now) if is_over else 0
        MonthUsage.objects.filter(pk=pk).update(
            sliced_amount=month.amount,
            included_most=max(
                month.included_most or 0, _free_until(terms, 0 if is_closed else packages, meter.in_units(month.amount))
            ),
            closed_at=now if is_closed else None,
        )
    return bool(packages)


def _free_until(terms: Terms, packages: int, used: int) -> int:
    """Up to where nothing of the month is charged any more: what was included, sold beyond or not, and what packages were told.

    Where there was no end, what is used by now.
    """
    return used if terms.included is None else terms.included + packages * terms.per_units


def _write(month: MonthUsage, meter: Meter, charged: Charged, terms: Terms, *, zone: str, now: datetime) -> int:
    known = ReportedSlice.objects.filter(tenant_id=month.tenant_id, meter=meter.code, month_on=month.month_on)
    # What was told when the subscription, or its plan, was about to end counts as included since then (`_free_until`).
    packages = terms.begun(meter.in_units(_charged(month, meter, charged, zone)))
    if not packages:
        return 0
    number = (known.aggregate(number=Max("number"))["number"] or 0) + 1
    ReportedSlice.objects.create(
        tenant_id=month.tenant_id,
        meter=meter.code,
        month_on=month.month_on,
        number=number,
        amount=packages,
        identifier=f"{month.tenant_id.hex}:{meter.code}:{month.month_on:%Y%m}:{number}",
        customer_id=charged.customer_id,
        occurred_at=now,
    )
    return packages


def _charged(month: MonthUsage, meter: Meter, charged: Charged, zone: str) -> int:
    """What counts since the organization is charged: from the next day on, and of what counts by its peak from the next month.

    Nobody knows at which hour of the day, or on which day of the month, it was used.
    """
    since = charged.since_at.astimezone(ZoneInfo(zone)).date()
    if since < month.month_on:
        return month.amount
    if meter.is_peak:
        return 0
    days = DayUsage.objects.filter(tenant_id=month.tenant_id, meter=meter.code, day_on__gt=since)
    total = days.filter(day_on__lt=next_month(month.month_on)).aggregate(amount=Sum("amount"))
    return int(total["amount"] or 0)


def waiting_slices(*, most: int) -> Sequence[ReportedSlice]:
    """The slices of which Stripe has to be told, the oldest first (one query)."""
    with platform_scope(reason="metering"):
        return list(ReportedSlice.objects.filter(state=SliceState.WAITING).order_by("pk")[:most])


def settle(slice_id: int, state: SliceState, *, now: datetime, reason: str = "") -> None:
    """Note what became of a slice."""
    with platform_scope(reason="metering"):
        waiting = ReportedSlice.objects.filter(pk=slice_id, state=SliceState.WAITING)
        waiting.update(state=state, settled_at=now, reason=reason[:300])


def stamp(one: ReportedSlice, *, now: datetime) -> None:
    """Note before a call that Stripe may have the slice from now on, as something of now: so it is on the next invoice.

    In a minute of its own, since Stripe's sums are of whole minutes. Of two who tell it at once, both tell the first's moment.
    """
    with platform_scope(reason="metering"):
        others = ReportedSlice.objects.filter(tenant_id=one.tenant_id, meter=one.meter).exclude(pk=one.pk)
        last = others.exclude(first_tried_at=None).aggregate(at=Max("occurred_at"))["at"]
        moment = now if last is None else max(now, last.replace(second=0, microsecond=0) + _A_MINUTE)
        rows = ReportedSlice.objects.filter(pk=one.pk, first_tried_at=one.first_tried_at)
        rows.update(first_tried_at=now, occurred_at=moment)
        one.refresh_from_db()


def told_of(tenant_id: UUID, meter: Meter, *, customer_id: str, since: datetime, until: datetime) -> int:
    """What Stripe has taken of a meter in `[since, until)`, by our own rows (one query)."""
    with platform_scope(reason="metering"):
        taken = ReportedSlice.objects.filter(
            tenant_id=tenant_id, meter=meter.code, customer_id=customer_id, state=SliceState.TAKEN,
            occurred_at__gte=since, occurred_at__lt=until,
        )  # fmt: skip
        return int(taken.aggregate(amount=Sum("amount"))["amount"] or 0)
