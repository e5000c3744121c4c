"""What organizations used by the month, as far as looks into their schemas tell."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.conf import settings

from kernel.ids import new_id
from provisioning.health.types import Looked, Use, UsedInMonth, as_json
from provisioning.models import TenantHealth
from shared_apps.plans.selectors import last_months, usage_by_month
from tests.factories.tenants import ALPHA_ID, BETA_ID

NOW = datetime(2026, 3, 2, tzinfo=UTC)
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture
def looked(in_platform) -> None:
    """Somebody looked into alpha in March."""
    seen = Looked(
        uses=(Use("max_providers", 4, 25), Use("max_services", 9, None), Use("bookings_per_month", 3, 100)),
        months=(UsedInMonth("2026-02-01", bookings=70, mails=200), UsedInMonth("2026-03-01", bookings=3, mails=8)),
        file_bytes=3 * 1024 * 1024 + 1,
    )
    TenantHealth.objects.create(tenant_id=ALPHA_ID, score=100, state="good", looked=as_json(seen), gathered_at=NOW)


def test_bookings_and_mails_are_of_the_month_and_the_rest_as_it_stands(looked):
    standing = {"max_providers": 4, "max_services": 9, "storage_megabytes": 4}

    used = usage_by_month([ALPHA_ID], [FEBRUARY, MARCH])[ALPHA_ID]

    assert used == {
        FEBRUARY: {"bookings_per_month": 70, "mails_per_month": 200} | standing,
        MARCH: {"bookings_per_month": 3, "mails_per_month": 8} | standing,
    }


def test_a_month_that_nobody_counted_and_who_was_not_looked_into_are_left_out(looked):
    assert usage_by_month([ALPHA_ID], [JANUARY]) == {ALPHA_ID: {}}
    assert usage_by_month([BETA_ID, new_id()], [MARCH]) == {}


def test_all_of_them_cost_a_query_for_what_was_counted_and_one_for_what_was_seen(looked, django_assert_num_queries):
    with django_assert_num_queries(2):
        usage_by_month([ALPHA_ID, BETA_ID], [FEBRUARY, MARCH])


def test_what_was_kept_by_the_code_before_has_no_months():
    assert Looked.from_json({"uses": [], "bytes": 5}).months == ()


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 3, 31), ["2025-12", "2026-01", "2026-02"]),
        (date(2026, 1, 1), ["2025-10", "2025-11", "2025-12"]),
    ],
)
def test_the_last_months_are_whole_and_before_this_one(today, months):
    assert [month.isoformat()[:7] for month in last_months(today)] == months
    assert all(month.day == 1 for month in last_months(today))


def test_the_source_of_usage_is_a_setting(settings, in_platform):
    settings.PLAN_USAGE = "tests.provisioning.health.test_usage.nothing"

    assert usage_by_month([ALPHA_ID], [MARCH]) == {"asked": [ALPHA_ID]}


def nothing(tenant_ids, months):
    """Another source."""
    return {"asked": tenant_ids}


def test_the_installations_source_is_there():
    assert settings.PLAN_USAGE == "provisioning.health.usage.usage_by_month"
