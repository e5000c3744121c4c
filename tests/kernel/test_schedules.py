"""Once on each local date, within the hour that the tenant's clock shows, also where the clock jumps."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.schedules import Daily, latest_occurrence, next_occurrence
from tests.kernel.job_samples import Expire, Sweep

TENANT = UUID("01900000-0000-7000-8000-00000000000a")
THREE = Daily(job=Sweep(1), hour=3)
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/")))


def due(zone: str, now: datetime, schedule: Daily = THREE, tenant_id: UUID = TENANT):
    return latest_occurrence(schedule, tenant_id=tenant_id, zone=zone, now=now)


def days_of(zone: str, first: datetime, days: int, hour: int) -> list[date]:
    """What a sweeper that looks every ten minutes finds, each key once."""
    schedule = Daily(job=Sweep(1), hour=hour)
    looks = (first + timedelta(minutes=10 * number) for number in range(days * 144))
    return list(dict.fromkeys(due(zone, now, schedule).on_date for now in looks))


def test_it_is_due_within_its_hour_of_the_tenants_clock() -> None:
    found = due("America/Toronto", datetime(2026, 6, 1, 12, 0, tzinfo=UTC))

    local = found.due_at.astimezone(ZoneInfo("America/Toronto"))
    assert (found.on_date, local.hour) == (date(2026, 6, 1), 3)


def test_before_its_hour_yesterdays_is_the_latest() -> None:
    assert due("Europe/London", datetime(2026, 6, 1, 1, 0, tzinfo=UTC)).on_date == date(2026, 5, 31)


@pytest.mark.parametrize("hour", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", datetime(2026, 3, 27, 12, 0, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 23, 12, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 2, 12, 0, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 9, 4, 12, 0, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 22, 12, 0, tzinfo=UTC)),
    ],
)
def test_over_a_change_of_the_clock_each_date_has_it_once(zone, start, hour) -> None:
    dates = days_of(zone, start, 4, hour)

    assert dates == sorted(set(dates))
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))
    assert len(dates) == 5


def test_a_date_that_a_zone_left_out_has_none_of_its_own() -> None:
    dates = days_of("Pacific/Apia", datetime(2011, 12, 28, 12, 0, tzinfo=UTC), 5, 3)

    assert date(2011, 12, 30) not in dates
    assert {date(2011, 12, 29), date(2011, 12, 31)} <= set(dates)


def test_an_hour_that_the_clock_leaves_out_is_an_hour_later_and_one_that_comes_twice_counts_first() -> None:
    zone, two = "Europe/Berlin", Daily(job=Sweep(1), hour=2)

    spring = due(zone, datetime(2026, 3, 29, 12, 0, tzinfo=UTC), two).due_at
    autumn = due(zone, datetime(2026, 10, 25, 12, 0, tzinfo=UTC), two).due_at

    assert spring.hour == 1
    assert autumn.hour == 0
    assert spring.astimezone(ZoneInfo(zone)).hour == 3
    assert autumn.astimezone(ZoneInfo(zone)).hour == 2


@given(
    zone=st.sampled_from(ZONES),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    hour=st.integers(0, 23),
)
def test_the_latest_is_past_the_next_is_ahead_and_they_are_about_a_day_apart(zone, now, hour) -> None:
    schedule = Daily(job=Sweep(1), hour=hour)

    latest = due(zone, now, schedule)
    coming = next_occurrence(schedule, tenant_id=TENANT, zone=zone, now=now)

    assert latest.due_at <= now < coming.due_at
    assert latest.on_date < coming.on_date
    assert timedelta(hours=20) < coming.due_at - latest.due_at < timedelta(hours=50)


def test_a_thousand_tenants_are_spread_over_the_hour_and_each_keeps_its_minute() -> None:
    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    tenants = [uuid4() for _ in range(1000)]

    minutes = Counter(due("UTC", now, tenant_id=tenant).due_at.minute for tenant in tenants)
    again = [due("UTC", now + timedelta(days=1), tenant_id=tenant).due_at for tenant in tenants]

    assert len(minutes) == 60
    assert max(minutes.values()) < 60
    assert again == [due("UTC", now, tenant_id=tenant).due_at + timedelta(days=1) for tenant in tenants]


def test_two_schedules_of_one_tenant_have_minutes_and_keys_of_their_own() -> None:
    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    other = Daily(job=Expire(), hour=3)

    first, second = due("UTC", now), due("UTC", now, other)

    assert first.due_at != second.due_at
    assert first.key_of(THREE) == "schedule:job_samples.sweep.v1:2026-06-01"
    assert second.key_of(other) != first.key_of(THREE)
