"""Free times of services, and the reason where a time is not free. Nothing here looks at who may see a service."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import clock
from kernel.errors import Invalid
from tenant_apps.availability.rules import (
    bookable_part,
    build_schedule,
    busy_reach,
    by_viewer_day,
    explain,
    explain_limits,
    find_slots,
    instants_of_days,
    nearest,
    zone_named,
)
from tenant_apps.availability.selectors.diaries import load_diaries
from tenant_apps.availability.types import (
    DAY,
    MINUTES_A_DAY,
    BookableService,
    Diary,
    Explanation,
    Instant,
    Slot,
    Stretch,
    Timing,
    ViewerDay,
    instant_of,
)

LONGEST_RANGE: Final = timedelta(days=93)
"""A quarter of a year holds some thousands of slots; more in one answer helps nobody."""

_NEAR: Final = 14 * DAY


def get_slots(
    *,
    service: BookableService,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime | None = None,
    ignoring: Collection[UUID] = (),
) -> list[Slot]:
    """The free times that start in `[starts_at, ends_at)`, in order, as instants with the provider's offset.

    `ignoring` holds public ids of bookings that shall not stand in the way. One query, and one per source of busy
    times; none when notice and horizon leave nothing of the range. Raises Invalid for a range longer than 93 days.
    """
    _require_range(starts_at, ends_at)
    return _search([service], instant_of(starts_at), instant_of(ends_at), now or clock.now(), ignoring)[service.pk]


def get_slot_days(
    *,
    service: BookableService,
    first_on: date,
    last_on: date,
    viewer_zone: str,
    now: datetime | None = None,
    ignoring: Collection[UUID] = (),
) -> list[ViewerDay]:
    """The free times on the viewer's local dates from `first_on` to `last_on`, grouped by those dates.

    Days without a free time are absent. Raises InvalidTime for an unknown zone, Invalid as `get_slots` does.
    """
    zone_named(viewer_zone, field="time_zone")
    starts_at, ends_at = instants_of_days(first_on, last_on, viewer_zone)
    slots = get_slots(service=service, starts_at=starts_at, ends_at=ends_at, now=now, ignoring=ignoring)
    return by_viewer_day(slots, viewer_zone)


def get_nearest_slots(
    *,
    service: BookableService,
    at: datetime,
    count: int = 3,
    now: datetime | None = None,
    ignoring: Collection[UUID] = (),
) -> list[Slot]:
    """Up to `count` free times nearest to `at`, in order; what to offer when that time has just gone.

    Looks two weeks to either side and, if that is not enough, as far as the service's horizon.
    """
    now = now or clock.now()
    wanted, today = instant_of(at), instant_of(now)
    found = _search([service], wanted - _NEAR, wanted + _NEAR, now, ignoring)[service.pk]
    if len(found) < count:
        found = _search([service], today, today + (service.horizon_days + 1) * DAY, now, ignoring)[service.pk]
    return nearest(found, wanted, count)


def get_first_slots(
    *,
    services: Iterable[BookableService],
    count: int = 3,
    within_days: int = 14,
    now: datetime | None = None,
) -> dict[int, list[Slot]]:
    """The first free times of each service, by its pk, for lists and "next available". As many queries as for one."""
    now = now or clock.now()
    today = instant_of(now)
    found = _search(list(services), today, today + within_days * DAY, now, ())
    return {pk: slots[:count] for pk, slots in found.items()}


def explain_time(
    *,
    service: BookableService,
    at: datetime,
    now: datetime | None = None,
    ignoring: Collection[UUID] = (),
) -> Explanation:
    """Why `at` is offered as a start or is not: OFFERED exactly when `get_slots` has it.

    `blocked_by` is for staff only; the sentence tells nothing of other customers.
    """
    now = now or clock.now()
    provider, timing, asked = service.provider, timing_of(service), instant_of(at)
    first, last = bookable_part(timing, starts=asked, ends=asked + 1, now=instant_of(now))
    if first >= last:
        # Notice and horizon have decided already; and the year may be one that no query can carry.
        return explain(Diary(build_schedule(provider.time_zone, ())), timing, at=asked, now=instant_of(now))
    return explain(_diary_at(service, asked, now, ignoring), timing, at=asked, now=instant_of(now))


def explain_limits_of_day(
    *, service: BookableService, at: datetime, now: datetime | None = None, ignoring: Collection[UUID] = ()
) -> Explanation:
    """Whether the day and the week of `at` have room for one more booking: OFFERED, DAY_LIMIT or WEEK_LIMIT.

    For who takes a time behind the provider's lock, where all but the limits is settled by constraints.
    """
    now = now or clock.now()
    asked = instant_of(at)
    return explain_limits(_diary_at(service, asked, now, ignoring), timing_of(service), at=asked, now=instant_of(now))


def timing_of(service: BookableService) -> Timing:
    """How a service may be booked, in the engine's form."""
    return Timing(
        duration_minutes=service.duration_minutes,
        step_minutes=service.grid_step_minutes,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        min_notice_minutes=service.min_notice_minutes,
        horizon_minutes=service.horizon_days * MINUTES_A_DAY,
        max_per_day=service.max_per_day,
        max_per_week=service.max_per_week,
        service_id=service.pk,
    )


def _diary_at(service: BookableService, asked: Instant, now: datetime, ignoring: Collection[UUID]) -> Diary:
    """What decides about one start."""
    provider, timing = service.provider, timing_of(service)
    shown, reach = (asked, asked + timing.duration), busy_reach(timing, starts=asked, ends=asked + 1)
    diaries = load_diaries([provider], shown=shown, reach=reach, now=now, ignoring=frozenset(ignoring))
    return diaries[provider.pk]


def _search(
    services: Collection[BookableService],
    starts: Instant,
    ends: Instant,
    now: datetime,
    ignoring: Collection[UUID],
) -> dict[int, list[Slot]]:
    """Loads each provider once, as far as the most far-reaching of the services needs."""
    now_instant = instant_of(now)
    timings = {service.pk: timing_of(service) for service in services}
    asked = {pk: bookable_part(timing, starts=starts, ends=ends, now=now_instant) for pk, timing in timings.items()}
    open_ones = [service for service in services if asked[service.pk][0] < asked[service.pk][1]]
    found: dict[int, list[Slot]] = {service.pk: [] for service in services}
    if not open_ones:
        return found
    shown = _hull((asked[one.pk][0], asked[one.pk][1] + timings[one.pk].duration) for one in open_ones)
    reach = _hull(busy_reach(timings[one.pk], starts=asked[one.pk][0], ends=asked[one.pk][1]) for one in open_ones)
    providers = [one.provider for one in open_ones]
    diaries = load_diaries(providers, shown=shown, reach=reach, now=now, ignoring=frozenset(ignoring))
    for service in open_ones:
        first, last = asked[service.pk]
        diary = diaries[service.provider.pk]
        found[service.pk] = find_slots(diary, timings[service.pk], starts=first, ends=last, now=now_instant)
    return found


def _hull(stretches: Iterable[Stretch]) -> Stretch:
    found = list(stretches)
    return min(starts for starts, _ends in found), max(ends for _starts, ends in found)


def _require_range(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at < starts_at:
        raise Invalid(_("The end lies before the start."), field="ends_at")
    if ends_at - starts_at > LONGEST_RANGE:
        raise Invalid(_("Ask for at most %(days)s days at once.") % {"days": LONGEST_RANGE.days}, field="ends_at")
