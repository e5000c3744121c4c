"""Setting hours: who may, what is refused, and how it is undone."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from kernel.actor import Actor
from kernel.errors import Conflict, DomainError, Invalid, NotFound, PermissionDenied
from tenant_apps.availability.errors import InvalidHours, SkippedTime
from tenant_apps.availability.models import Blackout, DateException, WeeklyWindow
from tenant_apps.availability.selectors import get_blackouts, get_exceptions, get_weekly_hours
from tenant_apps.availability.services import (
    add_blackout,
    add_exception,
    remove_blackout,
    remove_exception,
    set_weekly_hours,
)
from tenant_apps.availability.types import ExceptionKind, WeeklyHours
from tests.availability.builders import utc
from tests.availability.rows import SYSTEM, actor_of, make_provider

NOW = utc(2026, 11, 21, 12)
CHRISTMAS = date(2026, 12, 25)
OLD = [(0, 540, 720), (0, 780, 1020), (4, 540, 720)]
NEW = [(1, 0, 1440)]


@pytest.fixture
def provider(in_alpha):
    return make_provider(windows=OLD)


def _rows(provider) -> list[WeeklyHours]:
    return get_weekly_hours(provider=provider)


class TestSettingTheWeek:
    def test_the_week_is_replaced_as_a_whole(self, provider):
        change = set_weekly_hours(actor=SYSTEM, provider=provider, windows=NEW)

        assert _rows(provider) == NEW
        assert (list(change.before), list(change.after)) == (OLD, NEW)

    def test_setting_what_was_before_undoes_it(self, provider):
        change = set_weekly_hours(actor=SYSTEM, provider=provider, windows=NEW)

        set_weekly_hours(actor=SYSTEM, provider=provider, windows=change.before)

        assert _rows(provider) == OLD

    def test_setting_the_same_again_writes_nothing(self, provider):
        pks = set(WeeklyWindow.objects.values_list("pk", flat=True))

        set_weekly_hours(actor=SYSTEM, provider=provider, windows=reversed(OLD))

        assert set(WeeklyWindow.objects.values_list("pk", flat=True)) == pks

    def test_an_empty_week_is_a_week(self, provider):
        set_weekly_hours(actor=SYSTEM, provider=provider, windows=[])

        assert _rows(provider) == []

    def test_windows_that_touch_are_kept_as_they_were_typed(self, provider):
        set_weekly_hours(actor=SYSTEM, provider=provider, windows=[(0, 600, 720), (0, 540, 600)])

        assert _rows(provider) == [(0, 540, 600), (0, 600, 720)]

    def test_the_week_of_another_provider_stays(self, provider):
        other = make_provider("bea", windows=OLD)

        set_weekly_hours(actor=SYSTEM, provider=provider, windows=NEW)

        assert _rows(other) == OLD

    @pytest.mark.parametrize(
        ("windows", "row", "message"),
        [
            ([(0, 540, 720), (0, 700, 800)], 1, "On Monday, 09:00–12:00 and 11:40–13:20 overlap."),
            ([(2, 600, 660), (2, 540, 720)], 0, "On Wednesday, 09:00–12:00 and 10:00–11:00 overlap."),
            ([(0, 540, 720), (7, 540, 720)], 1, "Choose a day of the week."),
            ([(0, 540, 540)], 0, "This ends before it starts."),
            ([(0, 1320, 120)], 0, "This ends before it starts. For hours past midnight, end at midnight here"),
            ([(0, -60, 120)], 0, "A time lies between midnight and the next midnight."),
            ([(0, 600, 1500)], 0, "A time lies between midnight and the next midnight."),
            ([(0, n * 60, n * 60 + 30) for n in range(13)], None, "Monday has more than 12 windows."),
        ],
    )
    def test_an_impossible_week_is_refused_and_the_old_one_stays(self, provider, windows, row, message):
        with pytest.raises(InvalidHours) as caught:
            set_weekly_hours(actor=SYSTEM, provider=provider, windows=windows)

        assert caught.value.message.startswith(message)
        assert (caught.value.field, caught.value.row) == ("windows", row)
        assert _rows(provider) == OLD

    @pytest.mark.parametrize("row", [(0, 600, 700), (7, 0, 60), (1, 60, 60), (1, 60, 1441)], ids=str)
    def test_the_database_refuses_it_too(self, provider, row):
        weekday, starts, ends = row
        with pytest.raises(IntegrityError), transaction.atomic():
            WeeklyWindow.objects.create(provider=provider, weekday=weekday, starts_minute=starts, ends_minute=ends)

        assert _rows(provider) == OLD


class TestWhoMay:
    def _acts(self, actor, provider):
        """Every service of a provider's hours, as `actor`."""
        exception = DateException.objects.create(provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED)
        return [
            lambda: set_weekly_hours(actor=actor, provider=provider, windows=NEW),
            lambda: add_exception(actor=actor, provider=provider, on_date=date(2027, 1, 1), kind=ExceptionKind.CLOSED, now=NOW),
            lambda: remove_exception(actor=actor, provider=provider, exception_id=exception.public_id),
        ]

    def test_a_provider_sets_their_own_hours(self, provider):
        for act in self._acts(actor_of(provider), provider):
            act()

        assert _rows(provider) == NEW

    def test_somebody_with_the_capability_sets_everybodys(self, provider):
        manager = actor_of(make_provider("bea"), "availability.edit")

        for act in self._acts(manager, provider):
            act()

        assert _rows(provider) == NEW

    def test_others_are_refused_and_nothing_changes(self, provider):
        strangers = [
            actor_of(make_provider("bea")),
            Actor.guest(),
            Actor.user(user_id=987_654, label="customer", capabilities=frozenset({"bookings.confirm"})),
            # The same number in the operators' table is another person.
            Actor.operator(user_id=provider.user_id, label="operator"),
        ]
        for stranger in strangers:
            for act in self._acts(stranger, provider):
                with pytest.raises(PermissionDenied):
                    act()
            DateException.objects.all().delete()

        assert _rows(provider) == OLD

    def test_a_provider_without_a_user_belongs_to_no_guest(self, provider):
        provider.user = None
        provider.save(update_fields=["user"])

        with pytest.raises(PermissionDenied):
            set_weekly_hours(actor=Actor.guest(), provider=provider, windows=NEW)

    def test_a_provider_cannot_close_the_organization(self, provider):
        with pytest.raises(PermissionDenied):
            add_blackout(actor=actor_of(provider), starts_at=NOW, ends_at=NOW + timedelta(days=1))

        assert not Blackout.objects.exists()


class TestExceptions:
    def test_a_closed_day_is_added_and_listed(self, provider):
        add_exception(actor=SYSTEM, provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED, note="  Family ", now=NOW)

        [row] = get_exceptions(provider=provider, from_on=CHRISTMAS)
        assert (row.on_date, row.kind, row.starts_minute, row.ends_minute, row.note) == (CHRISTMAS, "closed", 0, 1440, "Family")
        assert get_exceptions(provider=provider, from_on=CHRISTMAS + timedelta(days=1)) == []

    def test_a_date_may_have_open_and_closed_stretches(self, provider):
        for kind, starts, ends in [
            (ExceptionKind.OPEN, 540, 720),
            (ExceptionKind.OPEN, 720, 800),
            (ExceptionKind.CLOSED, 600, 660),
        ]:
            add_exception(
                actor=SYSTEM, provider=provider, on_date=CHRISTMAS, kind=kind, starts_minute=starts, ends_minute=ends, now=NOW
            )

        assert len(get_exceptions(provider=provider, from_on=CHRISTMAS)) == 3

    def test_a_day_is_closed_once(self, provider):
        add_exception(actor=SYSTEM, provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED, now=NOW)

        with pytest.raises(Conflict) as caught:
            add_exception(actor=SYSTEM, provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED, now=NOW)

        assert caught.value.field == "on_date"
        assert DateException.objects.count() == 1

    def test_the_database_refuses_a_second_closed_day_too(self, provider):
        DateException.objects.create(provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED)

        with pytest.raises(IntegrityError), transaction.atomic():
            DateException.objects.create(provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED)

    @pytest.mark.parametrize(
        ("fields", "blamed"),
        [
            ({"on_date": date(2026, 11, 20)}, "on_date"),
            ({"on_date": date(2062, 12, 25)}, "on_date"),
            ({"starts_minute": 600, "ends_minute": 600}, "starts_minute"),
            ({"ends_minute": 1441}, "starts_minute"),
            ({"note": "x" * 201}, "note"),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_field(self, provider, fields, blamed):
        with pytest.raises(DomainError) as caught:
            add_exception(
                actor=SYSTEM, provider=provider, kind=ExceptionKind.CLOSED, now=NOW, **({"on_date": CHRISTMAS} | fields)
            )

        assert caught.value.field == blamed
        assert not DateException.objects.exists()

    def test_today_is_the_providers_today(self, in_alpha):
        provider = make_provider(zone="Pacific/Auckland")

        with pytest.raises(InvalidHours):
            add_exception(actor=SYSTEM, provider=provider, on_date=NOW.date(), kind=ExceptionKind.CLOSED, now=NOW)

    def test_removing_tells_how_to_undo_it(self, provider):
        row = add_exception(
            actor=SYSTEM, provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.OPEN, starts_minute=600, note="Fair", now=NOW
        )
        removed = remove_exception(actor=SYSTEM, provider=provider, exception_id=row.public_id)
        assert not DateException.objects.exists()

        add_exception(actor=SYSTEM, provider=provider, now=NOW, **removed._asdict())

        back = DateException.objects.get()
        assert (back.on_date, back.kind, back.starts_minute, back.ends_minute, back.note) == (
            CHRISTMAS,
            "open",
            600,
            1440,
            "Fair",
        )

    def test_removing_twice_says_that_it_is_gone(self, provider):
        row = add_exception(actor=SYSTEM, provider=provider, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED, now=NOW)
        remove_exception(actor=SYSTEM, provider=provider, exception_id=row.public_id)

        with pytest.raises(NotFound):
            remove_exception(actor=SYSTEM, provider=provider, exception_id=row.public_id)

    def test_an_exception_of_another_provider_is_not_found(self, provider):
        other = make_provider("bea")
        row = add_exception(actor=SYSTEM, provider=other, on_date=CHRISTMAS, kind=ExceptionKind.CLOSED, now=NOW)

        with pytest.raises(NotFound):
            remove_exception(actor=actor_of(provider), provider=provider, exception_id=row.public_id)

        assert DateException.objects.count() == 1


class TestBlackouts:
    def test_a_blackout_is_added_removed_and_brought_back(self, in_alpha):
        ends_at = NOW + timedelta(days=2)
        row = add_blackout(actor=SYSTEM, starts_at=NOW, ends_at=ends_at, note="Moving house", now=NOW)
        removed = remove_blackout(actor=SYSTEM, blackout_id=row.public_id)
        assert get_blackouts(from_at=NOW) == []

        add_blackout(actor=SYSTEM, **removed._asdict(), now=NOW)

        [back] = get_blackouts(from_at=NOW)
        assert (back.starts_at, back.ends_at, back.note) == (NOW, ends_at, "Moving house")
        assert get_blackouts(from_at=ends_at) == []

    def test_an_end_before_the_start_is_refused_at_its_field(self, in_alpha):
        with pytest.raises(Invalid) as caught:
            add_blackout(actor=SYSTEM, starts_at=NOW, ends_at=NOW)

        assert caught.value.field == "ends_at"

    @pytest.mark.parametrize(
        ("starts_at", "ends_at", "field"),
        [
            (NOW - timedelta(days=2), NOW, "starts_at"),
            (utc(2226, 1, 1, 0), utc(2226, 1, 2, 0), "starts_at"),
            (NOW, utc(2226, 1, 2, 0), "ends_at"),
        ],
    )
    def test_time_that_is_over_or_out_of_reach_is_refused_at_its_field(self, in_alpha, starts_at, ends_at, field):
        with pytest.raises(InvalidHours) as caught:
            add_blackout(actor=SYSTEM, starts_at=starts_at, ends_at=ends_at, now=NOW)

        assert caught.value.field == field
        assert not Blackout.objects.exists()

    def test_an_unknown_blackout_is_not_found(self, in_alpha):
        with pytest.raises(NotFound):
            remove_blackout(actor=SYSTEM, blackout_id=uuid4())


@pytest.mark.parametrize(("starts_minute", "is_refused"), [(90, True), (59, False), (120, False), (0, False)])
def test_dated_hours_that_begin_where_the_clocks_jump_are_refused(in_alpha, starts_minute, is_refused):
    provider = make_provider(zone="Europe/London")
    add = partial(
        add_exception,
        actor=SYSTEM,
        provider=provider,
        on_date=date(2027, 3, 28),
        kind=ExceptionKind.OPEN,
        starts_minute=starts_minute,
        ends_minute=600,
        now=NOW,
    )

    if not is_refused:
        assert add().starts_minute == starts_minute
        return
    with pytest.raises(SkippedTime) as refused:
        add()
    assert refused.value.field == "starts_minute"
    assert "01:30 does not exist on 2027-03-28" in refused.value.message
