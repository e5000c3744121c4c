"""Two people set the same provider's week at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import DatabaseError, connections

from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.availability.selectors import get_weekly_hours
from tenant_apps.availability.services import set_weekly_hours, weekly
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.availability.rows import SYSTEM, make_provider
from tests.bookings.racing import waiting_for_locks
from tests.factories.tenants import ALPHA_ID

pytestmark = pytest.mark.proves("races.availability")

WEEKS = [[(0, 540, 720), (1, 540, 720)], [(0, 600, 900), (1, 600, 900)]]


@pytest.fixture
def provider(own_database):
    with tenant_scope(context_for(ALPHA_ID)):
        return make_provider()


class Meeting:
    """Where two writers wait for each other, or see that the other one is kept waiting by a lock."""

    def __init__(self) -> None:
        self.arrived = 0
        self.was_kept_apart = False

    def wait_for_the_other(self) -> None:
        self.arrived += 1
        pause = threading.Event()
        for _ in range(3000):
            if self.arrived == 2:
                return
            if waiting_for_locks():
                self.was_kept_apart = True
                return
            pause.wait(0.01)
        raise AssertionError("the other writer neither came nor waits")


@pytest.fixture
def meeting(provider, monkeypatch) -> Meeting:
    """Both writers have removed the old week before either writes the new one, if nothing keeps them apart."""
    met = Meeting()
    write = WeeklyWindow.objects.bulk_create

    def meet_and_write(rows):
        met.wait_for_the_other()
        return write(rows)

    monkeypatch.setattr(WeeklyWindow.objects, "bulk_create", meet_and_write)
    return met


def test_one_after_the_other_gets_through(provider, meeting):
    changes, failures = _set_both_weeks(provider)

    assert failures == []
    first, second = sorted(changes, key=lambda change: len(change.before))
    assert (first.before, second.before) == ((), first.after)
    assert _week_of(provider) == second.after
    assert meeting.was_kept_apart


@pytest.mark.control
def test_without_the_lock_they_collide(provider, meeting, monkeypatch):
    monkeypatch.setattr(weekly, "holding_hours_of", lambda _provider_id: nullcontext())

    changes, failures = _set_both_weeks(provider)

    assert len(failures) == 1
    assert _week_of(provider) == changes[0].after
    assert not meeting.was_kept_apart


def _set_both_weeks(provider):
    changes, failures = [], []

    def set_week(week):
        with tenant_scope(context_for(ALPHA_ID)):
            try:
                changes.append(set_weekly_hours(actor=SYSTEM, provider=provider, windows=week))
            except DatabaseError as error:
                failures.append(error)
            finally:
                connections.close_all()

    _run_together([lambda week=week: set_week(week) for week in WEEKS])
    return changes, failures


def _run_together(acts: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


def _week_of(provider):
    with tenant_scope(context_for(ALPHA_ID)):
        return tuple(get_weekly_hours(provider=provider))
