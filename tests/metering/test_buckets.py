"""Calls and mails come from the buckets of traffic, each bucket once, also when it is written late or looked at often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared_apps.metering.services import LONG_BACK, count_traffic, forget_old_usage
from shared_apps.metering.types import API_CALLS, MAILS
from tenants.models import Tenant, TrafficBucket
from tenants.scope import platform_scope
from tenants.traffic.types import BUCKET, KEPT, LATENCY_PARTS
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.metering.rows import NOW, used

pytestmark = pytest.mark.usefixtures("in_platform")
NONE = dict.fromkeys(("requests", "redirects", "client_errors", "server_errors", "throttled", "busy_milliseconds"), 0)


def bucket(began_at=NOW, *, tenant_id=ALPHA_ID, api_calls: int = 0, mails: int = 0) -> None:
    TrafficBucket.objects.update_or_create(
        tenant_id=tenant_id,
        began_at=began_at,
        defaults=NONE | {"latency": [0] * LATENCY_PARTS, "api_calls": api_calls, "mails": mails},
    )


def test_a_bucket_counts_once_however_often_it_is_looked_at():
    bucket(api_calls=40, mails=3)

    assert [count_traffic(now=NOW + BUCKET) for _round in range(3)] == [2, 0, 0]
    assert (used(API_CALLS), used(MAILS)) == (40, 3)


def test_a_bucket_that_fills_up_counts_what_it_gained():
    bucket(api_calls=40)
    count_traffic(now=NOW)
    bucket(api_calls=55)

    count_traffic(now=NOW + BUCKET)

    assert used(API_CALLS) == 55


def test_buckets_of_one_moment_are_each_organizations_own():
    bucket(api_calls=1)
    bucket(tenant_id=BETA_ID, api_calls=2)

    count_traffic(now=NOW)

    assert (used(API_CALLS), used(API_CALLS, tenant_id=BETA_ID)) == (1, 2)


def test_what_was_written_hours_late_is_found_by_the_long_look():
    count_traffic(now=NOW + timedelta(hours=2))
    count_traffic(back=LONG_BACK, now=NOW + timedelta(hours=1))
    bucket(mails=5)

    assert count_traffic(now=NOW + timedelta(hours=2)) == 0
    assert count_traffic(back=LONG_BACK, now=NOW + timedelta(hours=2)) == 1


def test_after_an_outage_the_round_goes_on_where_the_last_one_ended():
    count_traffic(now=NOW)
    bucket(NOW + BUCKET, mails=5)

    assert count_traffic(now=NOW + timedelta(days=2)) == 1


def test_what_is_older_than_facts_of_buckets_is_not_counted_again():
    bucket(api_calls=9)
    count_traffic(now=NOW)
    late = NOW + KEPT + timedelta(days=3)

    forget_old_usage(now=late)

    assert count_traffic(now=late) == 0
    assert used(API_CALLS) == 9


def test_a_sandboxs_traffic_is_not_counted():
    Tenant.objects.filter(pk=ALPHA_ID).update(sandbox_of=BETA_ID)
    bucket(api_calls=9)

    assert count_traffic(now=NOW) == 0
    with platform_scope(reason="test"):
        assert used(API_CALLS) == 0
