"""Free times read from the database: what counts, what it costs, and that twins never mix."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from kernel.errors import Invalid
from tenant_apps.availability.errors import InvalidTime
from tenant_apps.availability.models import Blackout, DateException
from tenant_apps.availability.selectors import (
    explain_time,
    get_first_slots,
    get_nearest_slots,
    get_slot_days,
    get_slots,
    register_busy_source,
)
from tenant_apps.availability.types import ExceptionKind, Reason
from tenants.scope import tenant_scope
from tests.availability.builders import utc
from tests.availability.rows import FakeSource, busy, make_provider, make_service

MORNINGS = [(weekday, 540, 720) for weekday in range(7)]
NOW = utc(2026, 11, 21)
MONDAY, TUESDAY, WEDNESDAY = utc(2026, 11, 23), utc(2026, 11, 24), utc(2026, 11, 25)


@pytest.fixture
def service(in_alpha):
    return make_service(make_provider(windows=MORNINGS))


def _hours(slots) -> list[str]:
    return [f"{slot.starts_at:%d %H:%M}" for slot in slots]


class TestWhatCounts:
    def test_weekly_hours_of_the_providers_zone_give_slots_in_utc(self, in_alpha):
        service = make_service(make_provider(zone="America/Toronto", windows=MORNINGS))

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)

        assert _hours(slots) == ["23 14:00", "23 15:00", "23 16:00"]
        assert {(slot.offset, slot.zone) for slot in slots} == {(-18_000, "America/Toronto")}

    def test_exceptions_replace_and_close_their_dates(self, service):
        day = {"provider": service.provider, "on_date": date(2026, 11, 23)}
        DateException.objects.create(**day, kind=ExceptionKind.OPEN, starts_minute=840, ends_minute=1020)
        DateException.objects.create(**day, kind=ExceptionKind.CLOSED, starts_minute=900, ends_minute=960)
        DateException.objects.create(provider=service.provider, on_date=date(2026, 11, 24), kind=ExceptionKind.CLOSED)

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=WEDNESDAY + timedelta(hours=10), now=NOW)

        assert _hours(slots) == ["23 14:00", "23 16:00", "25 09:00"]

    def test_blackouts_of_the_organization_close_everybody(self, service):
        Blackout.objects.create(
            starts_at=MONDAY + timedelta(hours=10, microseconds=1), ends_at=MONDAY + timedelta(hours=10, minutes=30)
        )

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)

        assert _hours(slots) == ["23 09:00", "23 11:00"]

    def test_hours_of_another_provider_do_not_count(self, service):
        other = make_provider("bea", windows=[(weekday, 900, 960) for weekday in range(7)])
        DateException.objects.create(provider=other, on_date=date(2026, 11, 23), kind=ExceptionKind.CLOSED)

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)

        assert _hours(slots) == ["23 09:00", "23 10:00", "23 11:00"]

    def test_the_numbers_of_the_service_are_respected(self, in_alpha):
        service = make_service(
            make_provider(windows=MORNINGS), duration_minutes=30, grid_step_minutes=45, min_notice_minutes=600, horizon_days=1
        )

        slots = get_slots(service=service, starts_at=NOW, ends_at=WEDNESDAY, now=NOW + timedelta(hours=1))

        assert _hours(slots) == ["21 11:15"]

    def test_a_provider_without_hours_has_no_slots(self, in_alpha):
        service = make_service(make_provider())

        assert get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW) == []


class TestBusySources:
    def test_busy_times_take_their_slots_and_those_of_others_do_not(self, service):
        ten, eleven = MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=11)
        register_busy_source(FakeSource((service.provider.pk, busy(ten, eleven)), (service.provider.pk + 1, busy(MONDAY, ten))))

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)

        assert _hours(slots) == ["23 09:00", "23 11:00"]

    def test_every_source_counts_and_is_asked_once(self, service):
        sources = [
            FakeSource((service.provider.pk, busy(MONDAY + timedelta(hours=hour), MONDAY + timedelta(hours=hour + 1))))
            for hour in (9, 10)
        ]
        for source in [*sources, *sources]:
            register_busy_source(source)

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)

        assert _hours(slots) == ["23 11:00"]
        assert [len(source.calls) for source in sources] == [1, 1]

    def test_a_source_is_told_whom_when_and_what_to_ignore(self, service):
        source, own_booking = FakeSource(), uuid4()
        register_busy_source(source)

        get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW, ignoring=[own_booking])

        [asked] = source.calls
        assert asked["provider_ids"] == [service.provider.pk]
        assert (asked["now"], asked["ignoring"]) == (NOW, frozenset([own_booking]))
        assert asked["starts_at"] <= MONDAY - timedelta(hours=12)
        assert asked["ends_at"] >= TUESDAY + timedelta(hours=13)

    def test_a_limit_makes_a_source_look_at_whole_days(self, in_alpha):
        service = make_service(make_provider(windows=MORNINGS), max_per_day=1)
        early = busy(MONDAY, MONDAY + timedelta(minutes=30), service_id=service.pk)
        register_busy_source(FakeSource((service.provider.pk, early)))

        slots = get_slots(service=service, starts_at=MONDAY + timedelta(hours=9), ends_at=WEDNESDAY, now=NOW)

        assert _hours(slots) == ["24 09:00", "24 10:00", "24 11:00"]

    def test_a_source_that_fails_does_not_look_like_free_time(self, service):
        def broken(**asked):
            raise ConnectionError("calendar is away")

        register_busy_source(broken)

        with pytest.raises(ConnectionError):
            get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)


class TestCost:
    def test_a_search_is_one_query_however_much_there_is(self, service, django_assert_num_queries):
        for day in range(1, 21):
            DateException.objects.create(provider=service.provider, on_date=date(2026, 12, day), kind=ExceptionKind.CLOSED)
            Blackout.objects.create(starts_at=utc(2026, 12, day), ends_at=utc(2026, 12, day, 1))

        with django_assert_num_queries(1):
            get_slots(service=service, starts_at=MONDAY, ends_at=MONDAY + timedelta(days=31), now=NOW)

    def test_a_range_beyond_the_horizon_asks_nothing(self, service, django_assert_num_queries):
        with django_assert_num_queries(0):
            slots = get_slots(service=service, starts_at=utc(2031, 1, 1), ends_at=utc(2031, 1, 2), now=NOW)

        assert slots == []

    def test_first_slots_of_many_services_are_one_query(self, service, django_assert_num_queries):
        others = [make_service(make_provider(f"p{n}", windows=MORNINGS), max_per_day=n + 1) for n in range(5)]
        another = make_service(service.provider, "evening", duration_minutes=120)

        with django_assert_num_queries(1):
            found = get_first_slots(services=[service, another, *others], now=NOW, count=2)

        assert len(found) == 7
        assert _hours(found[service.pk]) == ["21 09:00", "21 10:00"]
        assert _hours(found[another.pk]) == ["21 09:00", "21 10:00"]
        assert {len(slots) for slots in found.values()} == {2}


class TestNearest:
    def test_the_nearest_free_times_are_on_both_sides(self, service):
        register_busy_source(
            FakeSource((service.provider.pk, busy(MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=11))))
        )

        slots = get_nearest_slots(service=service, at=MONDAY + timedelta(hours=10), now=NOW)

        assert _hours(slots) == ["22 11:00", "23 09:00", "23 11:00"]

    def test_it_looks_further_when_two_weeks_are_taken(self, service):
        register_busy_source(FakeSource((service.provider.pk, busy(NOW, NOW + timedelta(days=30)))))

        slots = get_nearest_slots(service=service, at=MONDAY, now=NOW, count=2)

        assert [slot.starts_at for slot in slots] == [utc(2026, 12, 21, 9), utc(2026, 12, 21, 10)]

    @pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
    def test_an_absurd_wish_gets_the_nearest_there_is(self, service, at):
        assert len(get_nearest_slots(service=service, at=at, now=NOW)) == 3


class TestViewer:
    def test_days_are_those_of_the_viewer(self, in_alpha):
        service = make_service(make_provider(zone="America/Toronto", windows=MORNINGS))

        days = get_slot_days(
            service=service, first_on=date(2026, 11, 24), last_on=date(2026, 11, 24), viewer_zone="Asia/Tokyo", now=NOW
        )

        assert [(day.on_date.isoformat(), [slot.label for slot in day.slots]) for day in days] == [
            ("2026-11-24", ["00:00", "01:00", "23:00"])
        ]

    def test_an_unknown_zone_is_refused_at_its_field(self, service):
        with pytest.raises(InvalidTime) as caught:
            get_slot_days(service=service, first_on=MONDAY.date(), last_on=MONDAY.date(), viewer_zone="Mars/Base", now=NOW)

        assert caught.value.field == "time_zone"

    @pytest.mark.parametrize("on_date", [date.min, date.max])
    def test_dates_out_of_this_world_are_refused(self, service, on_date):
        with pytest.raises(InvalidTime):
            get_slot_days(service=service, first_on=on_date, last_on=on_date, viewer_zone="UTC", now=NOW)


class TestRefusals:
    def test_a_range_that_ends_before_it_starts(self, service):
        with pytest.raises(Invalid) as caught:
            get_slots(service=service, starts_at=TUESDAY, ends_at=MONDAY, now=NOW)

        assert caught.value.field == "ends_at"

    def test_a_range_of_more_than_a_quarter(self, service):
        with pytest.raises(Invalid) as caught:
            get_slots(service=service, starts_at=MONDAY, ends_at=MONDAY + timedelta(days=94), now=NOW)

        assert caught.value.field == "ends_at"

    def test_a_naive_datetime(self, service):
        with pytest.raises(ValueError, match="aware"):
            get_slots(service=service, starts_at=datetime(2026, 11, 23), ends_at=datetime(2026, 11, 24), now=NOW)


class TestExplaining:
    def test_a_time_is_offered_exactly_when_it_is_a_slot(self, service):
        register_busy_source(
            FakeSource((service.provider.pk, busy(MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=11))))
        )
        asked = [MONDAY + timedelta(minutes=minutes) for minutes in range(480, 780, 15)]

        offered = [moment for moment in asked if explain_time(service=service, at=moment, now=NOW).reason is Reason.OFFERED]

        slots = get_slots(service=service, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)
        assert offered == [slot.starts_at for slot in slots]
        assert len(offered) == 2

    def test_the_exception_of_the_date_is_named(self, service):
        DateException.objects.create(provider=service.provider, on_date=date(2026, 11, 23), kind=ExceptionKind.CLOSED)

        found = explain_time(service=service, at=MONDAY + timedelta(hours=10), now=NOW)

        assert found.reason is Reason.EXCEPTION

    @pytest.mark.parametrize(
        ("at", "reason"),
        [(datetime.min.replace(tzinfo=UTC), Reason.PAST), (datetime.max.replace(tzinfo=UTC), Reason.TOO_FAR)],
    )
    def test_an_absurd_time_is_explained_without_a_query(self, service, django_assert_num_queries, at, reason):
        with django_assert_num_queries(0):
            assert explain_time(service=service, at=at, now=NOW).reason is reason

    def test_it_is_one_query(self, service, django_assert_num_queries):
        with django_assert_num_queries(1):
            explain_time(service=service, at=MONDAY, now=NOW)


def test_hours_of_the_twin_with_the_same_ids_are_never_read(alpha, beta):
    with tenant_scope(alpha):
        in_alpha = make_service(make_provider(windows=MORNINGS))
    with tenant_scope(beta):
        in_beta = make_service(make_provider(windows=[(weekday, 780, 840) for weekday in range(7)]))
        DateException.objects.create(provider=in_beta.provider, on_date=date(2026, 11, 23), kind=ExceptionKind.CLOSED)
        Blackout.objects.create(starts_at=MONDAY, ends_at=WEDNESDAY)

    with tenant_scope(alpha):
        found = get_slots(service=in_alpha, starts_at=MONDAY, ends_at=TUESDAY, now=NOW)
    with tenant_scope(beta):
        found_in_beta = get_slots(service=in_beta, starts_at=MONDAY, ends_at=WEDNESDAY + timedelta(days=1), now=NOW)

    assert in_alpha.provider.slug == in_beta.provider.slug
    assert _hours(found) == ["23 09:00", "23 10:00", "23 11:00"]
    assert _hours(found_in_beta) == ["25 13:00"]
