"""Tells Stripe of slices, each under its own identifier until it is known what became of it, and compares both sides.

No call stands in a transaction (R29): a slice is committed, then told, then settled. A crash in between tells it once more, and
Stripe takes an identifier once. That it promises for a day: what may have been told a while ago is looked for first (R27).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db.models import Exists, OuterRef

from integrations.stripe import StripeGateway
from integrations.stripe.gateway.meters import MeterEvent
from kernel import clock
from shared_apps.billing.selectors import charged_customers
from shared_apps.metering.models import MonthUsage, ReportedSlice
from shared_apps.metering.services.slicing import (
    cut_slices,
    settle,
    stamp,
    told_of,
    waiting_slices,
)
from shared_apps.metering.types import METERS, SliceState
from shared_apps.plans.services import ensure_meter, meters_of
from tenants.scope import platform_scope

AT_ONCE: Final = 20
"""Told, or compared, in one part of a job: a call takes a fraction of a second."""

# An invoice takes up what is told within an hour of its period's end. What is told again by then is on it; what comes later
# is looked for, and told as of now. Stripe keeps identifiers for a day at least, and by then its sums have everything.
_BELIEVED_FOR: Final = timedelta(minutes=30)
# What was told a moment ago may not be in its sums yet.
_SETTLED_AFTER: Final = timedelta(hours=1)
_A_MINUTE: Final = timedelta(minutes=1)
_BACK: Final = timedelta(days=70)

log = structlog.get_logger(__name__)


def report_part(gateway: StripeGateway, *, now: datetime | None = None) -> bool:
    """Cut what is new and tell Stripe of the next slices; whether there are more. May be called again, by several at once.

    Raises:
        TemporaryFailure: Stripe did not answer; what it was told before that is settled.
    """
    now = now or clock.now()
    charged = charged_customers()
    if not charged:
        return False
    cut_slices(charged, now=now)
    waiting = waiting_slices(most=AT_ONCE)
    if waiting:
        meters = ensure_meters(gateway)
        for one in waiting:
            _tell(gateway, meters, one, now)
    return len(waiting) == AT_ONCE


def ensure_meters(gateway: StripeGateway) -> Mapping[str, str]:
    """Our meters at Stripe, made where they are missing: its id by our code. May be called again."""
    known = {quota: stripe_id for stripe_id, quota in meters_of(gateway).items()}
    return {code: known.get(meter.quota.code) or ensure_meter(gateway, meter.quota) for code, meter in METERS.items()}


def compare_part(gateway: StripeGateway, *, after: int = 0, now: datetime | None = None) -> int | None:
    """Note by how much Stripe's sums differ from what it was told, for the next months from behind row `after`.

    Where to go on; None when all were. Differences are told to the log and stand on the organization's page: what Stripe has
    taken it does not lose, so nothing is told again because of one. May be called again.
    """
    now = now or clock.now()
    charged = charged_customers()
    with platform_scope(reason="metering"):
        told = ReportedSlice.objects.filter(**{name: OuterRef(name) for name in ("tenant_id", "meter", "month_on")})
        months = MonthUsage.objects.filter(Exists(told), tenant_id__in=charged, month_on__gte=(now - _BACK).date())
        part = list(months.filter(pk__gt=after).order_by("pk")[:AT_ONCE])
    if part:
        meters = ensure_meters(gateway)
        for month in part:
            _compare(gateway, meters, month, charged[month.tenant_id].customer_id, now)
    return part[-1].pk if len(part) == AT_ONCE else None


def _tell(gateway: StripeGateway, meters: Mapping[str, str], one: ReportedSlice, now: datetime) -> None:
    if one.first_tried_at is None:
        stamp(one, now=now)
    elif now - one.first_tried_at > _BELIEVED_FOR:
        state = _looked_for(gateway, meters[one.meter], one)
        if state is not None:
            settle(one.pk, state, now=now, reason="" if state is SliceState.TAKEN else "Stripe's sum fits neither way")
            return
        stamp(one, now=now)
    event = MeterEvent(one.identifier, METERS[one.meter].event_name, one.customer_id, one.amount, one.occurred_at)
    # By the moment, too: Stripe refuses a key with which something else was said before.
    told = gateway.meters.report([event], idempotency_key=f"usage:{one.occurred_at:%Y%m%d%H%M%S}")
    refused = dict(told.refused)
    if one.identifier in refused:
        log.warning("usage_refused", identifier=one.identifier, reason=refused[one.identifier])
        settle(one.pk, SliceState.REFUSED, now=now, reason=refused[one.identifier])
    else:
        settle(one.pk, SliceState.TAKEN, now=now)


def _looked_for(gateway: StripeGateway, meter_id: str, one: ReportedSlice) -> SliceState | None:
    """What became of a slice whose answer was lost long ago; None when Stripe never got it, so that it may be told."""
    began_at, ended_at = _minute(one.occurred_at), _minute(one.occurred_at) + _A_MINUTE
    counted = _sum(gateway, meter_id, one.customer_id, began_at, ended_at)
    others = told_of(
        one.tenant_id, METERS[one.meter], customer_id=one.customer_id, since=began_at, until=ended_at
    )  # fmt: skip
    if counted == others:
        return None
    return SliceState.TAKEN if counted == others + one.amount else SliceState.REFUSED


def _compare(gateway: StripeGateway, meters: Mapping[str, str], month: MonthUsage, customer_id: str, now: datetime) -> None:
    meter = METERS.get(month.meter)
    with platform_scope(reason="metering"):
        slices = ReportedSlice.objects.filter(tenant_id=month.tenant_id, meter=month.meter, month_on=month.month_on)
        moments = list(slices.order_by("occurred_at").values_list("occurred_at", flat=True))
        is_moving = slices.filter(settled_at__gt=now - _SETTLED_AFTER).exists()
    if meter is None or is_moving:
        return
    began_at, ended_at = _minute(moments[0]), _minute(moments[-1]) + _A_MINUTE
    counted = _sum(gateway, meters[meter.code], customer_id, began_at, ended_at)
    differs_by = counted - told_of(month.tenant_id, meter, customer_id=customer_id, since=began_at, until=ended_at)
    if differs_by:
        log.warning("usage_differs", tenant=str(month.tenant_id), meter=meter.code, month=str(month.month_on), by=differs_by)
    with platform_scope(reason="metering"):
        MonthUsage.objects.filter(pk=month.pk).update(differs_by=differs_by, compared_at=now)


def _sum(gateway: StripeGateway, meter_id: str, customer_id: str, began_at: datetime, ended_at: datetime) -> int:
    parts = gateway.meters.usage(meter_id, customer_id=customer_id, starts_at=began_at, ends_at=ended_at)
    return int(sum(part.value for part in parts))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
