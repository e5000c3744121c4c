"""Two clocks at the same moment, and a clock and hours: what was written by one clock follows it, or stays on it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from django.db import transaction

from tenant_apps.availability.models import Blackout
from tenant_apps.availability.services import set_weekly_hours
from tenant_apps.backoffice.services import place
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.context import TenantContext
from tenants.hosts import context_for, host_cache
from tenants.scope import tenant_scope
from tenants.types import Place
from tests.availability.rows import SYSTEM, make_provider
from tests.backoffice.racing import Other
from tests.factories.tenants import ALPHA_ID

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.proves("races.availability")]


@pytest.fixture
def alpha() -> TenantContext:
    context = context_for(ALPHA_ID)
    assert context is not None
    return context


@pytest.fixture(autouse=True)
def _untold(monkeypatch) -> None:
    """What other processes hear is not looked at here, and a thread's connection to Redis would outlive the thread."""
    monkeypatch.setattr(host_cache, "clear", lambda: None)


def _move_to(zone: str) -> Callable[[], object]:
    return lambda: place.save_place(actor=SYSTEM, currency=None, time_zone=zone, locale=None)


def _close_new_year() -> None:
    """Two days on London's clock."""
    Blackout.objects.create(starts_at=datetime(2027, 1, 1, tzinfo=UTC), ends_at=datetime(2027, 1, 3, tzinfo=UTC))


def _moves_twice_at_once(alpha: TenantContext) -> datetime:
    """To Toronto, and before that is committed to Tokyo; when the days are closed after both."""
    other = Other(alpha, _move_to("Asia/Tokyo"))
    with tenant_scope(alpha):
        _close_new_year()
        with transaction.atomic():
            _move_to("America/Toronto")()
            other.begin()
        assert other.end() is None
        return Blackout.objects.get().starts_at


def test_closed_days_follow_two_clocks_that_are_set_at_once(alpha):
    starts_at = _moves_twice_at_once(alpha)

    assert starts_at == datetime(2026, 12, 31, 15, tzinfo=UTC)


@pytest.mark.control
def test_without_the_locked_row_the_second_takes_the_days_for_those_of_the_first_clock(alpha, monkeypatch):
    monkeypatch.setattr(place, "lock_place", lambda _tenant_id: Place(alpha.currency, alpha.time_zone))

    starts_at = _moves_twice_at_once(alpha)

    assert starts_at == datetime(2027, 1, 1, 5, tzinfo=UTC)


def _first_hours_while_the_clock_moves(alpha: TenantContext) -> str:
    """By which clock a draft goes on whose first hours are written, and not yet committed, as the organization moves."""
    other = Other(alpha, _move_to("America/Toronto"))
    with tenant_scope(alpha):
        draft = make_provider(zone=alpha.time_zone)
        assert draft.status == ProviderStatus.DRAFT
        with transaction.atomic():
            set_weekly_hours(actor=SYSTEM, provider=draft, windows=[(0, 540, 720)])
            other.begin()
        assert other.end() is None
        assert context_for(ALPHA_ID).time_zone == "America/Toronto"
        return Provider.objects.get(pk=draft.pk).time_zone


def test_first_hours_that_are_written_as_the_organization_moves_stay_on_their_clock(alpha):
    assert _first_hours_while_the_clock_moves(alpha) == "Europe/London"


@pytest.mark.control
def test_without_the_lock_the_clock_moves_away_under_first_hours(alpha, monkeypatch):
    monkeypatch.setattr(place, "holding_hours_of", lambda *_provider_ids: nullcontext())

    assert _first_hours_while_the_clock_moves(alpha) == "America/Toronto"
