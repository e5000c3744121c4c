"""Cuts what Stripe was not told of yet into slices: rows that are committed before anybody calls Stripe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Max, Q, Sum

from shared_apps.billing.types import Charged
from shared_apps.metering.models import DayUsage, MonthUsage, ReportedSlice
from shared_apps.metering.rules import ends_at, is_open, next_month
from shared_apps.metering.types import METERS, Meter, SliceState
from tenants.models import Tenant
from tenants.scope import platform_scope

# In every zone this month or the one before, which stays open for some days.
_BACK: Final = timedelta(days=40)
_A_MINUTE: Final = timedelta(minutes=1)


def cut_slices(charged: Mapping[UUID, Charged], *, now: datetime) -> int:
    """Write a slice of every open month that has changed since the last; tells how many. May be called again, and at once.

    A slice holds the difference to all slices before it, so that their sum is what was counted; what was refused is not told
    again by another. Months that stand where they were cut last cost nothing.
    """
    with platform_scope(reason="metering"):
        zones = dict(Tenant.objects.filter(pk__in=charged, sandbox_of=None).values_list("pk", "time_zone"))
        changed = Q(sliced_amount=None) | ~Q(sliced_amount=F("amount"))
        months = MonthUsage.objects.filter(changed, tenant_id__in=zones, month_on__gte=(now - _BACK).date())
        rows = list(months.order_by("pk").values_list("pk", "tenant_id", "month_on"))
        open_ones = [(pk, tenant_id) for pk, tenant_id, month in rows if is_open(month, zones[tenant_id], now)]
        return sum(_cut(pk, charged[tenant_id], zones[tenant_id], now) for pk, tenant_id in open_ones)


def _cut(pk: int, charged: Charged, zone: str, now: datetime) -> bool:
    with transaction.atomic():
        # Two who cut at once come one after the other; the second finds nothing left.
        month = MonthUsage.objects.select_for_update().filter(pk=pk).first()
        meter = METERS.get(month.meter) if month is not None else None
        if month is None or meter is None:
            return False
        known = ReportedSlice.objects.filter(tenant_id=month.tenant_id, meter=meter.code, month_on=month.month_on)
        so_far = known.aggregate(amount=Sum("amount"), number=Max("number"))
        amount = meter.in_units(_charged(month, meter, charged, zone)) - (so_far["amount"] or 0)
        if amount:
            _write(month, meter, charged, number=(so_far["number"] or 0) + 1, amount=amount, zone=zone, now=now)
        MonthUsage.objects.filter(pk=pk).update(sliced_amount=month.amount)
    return bool(amount)


def _write(month: MonthUsage, meter: Meter, charged: Charged, *, number: int, amount: int, zone: str, now: datetime) -> None:
    ReportedSlice.objects.create(
        tenant_id=month.tenant_id,
        meter=meter.code,
        month_on=month.month_on,
        number=number,
        amount=amount,
        identifier=f"{month.tenant_id.hex}:{meter.code}:{month.month_on:%Y%m}:{number}",
        customer_id=charged.customer_id,
        # Within the month that it belongs to, so that it is on that month's invoice; each in a minute of its own, since
        # Stripe's sums are of whole minutes.
        occurred_at=min(now, ends_at(month.month_on, zone) - number * _A_MINUTE),
    )


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


def note_try(slice_id: int, *, now: datetime) -> None:
    """Note before the first call that Stripe may have the slice from now on."""
    with platform_scope(reason="metering"):
        ReportedSlice.objects.filter(pk=slice_id, first_tried_at=None).update(first_tried_at=now)


def told_of(tenant_id: UUID, meter: Meter, *, customer_id: str, since: datetime, until: datetime) -> int:
    """What Stripe has taken of a meter in `[since, until)`, by our own rows (one query)."""
    with platform_scope(reason="metering"):
        taken = ReportedSlice.objects.filter(
            tenant_id=tenant_id, meter=meter.code, customer_id=customer_id, state=SliceState.TAKEN,
            occurred_at__gte=since, occurred_at__lt=until,
        )  # fmt: skip
        return int(taken.aggregate(amount=Sum("amount"))["amount"] or 0)
