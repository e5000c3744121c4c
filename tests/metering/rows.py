"""What was counted, in the shortest words."""

from __future__ import annotations

from datetime import UTC, date, datetime

from shared_apps.metering.models import DayUsage, MonthUsage
from shared_apps.metering.types import BOOKINGS, Fact, Meter
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
OVER = datetime(2026, 12, 4, 8, 0, tzinfo=UTC)
"""When November is over, and closed."""
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)


def at(day: int, month: int = 11, hour: int = 12) -> datetime:
    """An instant of 2026."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def fact(key: str, occurred_at: datetime = NOW, amount: int = 1, meter: Meter = BOOKINGS) -> Fact:
    return Fact(meter, key, occurred_at, amount)


def used(meter: Meter = BOOKINGS, month: date = NOVEMBER, tenant_id=ALPHA_ID) -> int:
    """What stands in a month; its days must say the same."""
    with platform_scope(reason="test"):
        row = MonthUsage.objects.filter(tenant_id=tenant_id, meter=meter.code, month_on=month).first()
        days = DayUsage.objects.filter(
            tenant_id=tenant_id, meter=meter.code, day_on__year=month.year, day_on__month=month.month
        )
        assert sum(days.values_list("amount", flat=True)) == (row.amount if row else 0)
    return row.amount if row else 0


def allow(tenant_id=ALPHA_ID, **entitlements: int | bool | None) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=tenant_id).update(entitlements={k.replace("__", "."): v for k, v in entitlements.items()})
