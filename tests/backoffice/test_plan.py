"""Settings, plan: each limit with its use."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.ids import first_id_at
from shared_apps.plans.models import Plan
from shared_apps.plans.services import load_default_plans, start_trial
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import booked_by_month
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Service
from tenant_apps.providers.models import Provider
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import NOW, make_booking, make_provider
from tests.members.helpers import make_member

URL = "/manage/settings/plan/"
MEGABYTE = 1024 * 1024


def _allow(market, **entitlements: int | bool | None) -> None:
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(entitlements=entitlements)
    host_cache.clear()


def _uses(as_) -> dict[str, tuple[int, int | None]]:
    return {use.code: (use.used, use.limit) for use in as_("owner").get(URL).context["uses"]}


def test_every_limit_is_shown_with_what_is_used_of_it(as_, market):
    _allow(market, max_providers=25, max_services=150, bookings_per_month=2000, storage_megabytes=10)
    with tenant_scope(market):
        Provider.objects.filter(slug="ines-duarte").update(logo="f" * 32, logo_bytes=3 * MEGABYTE)
        # Which month a booking is of, its id tells.
        service, starts_at = Service.objects.get(pk=9_100_000), NOW + timedelta(days=5)
        make_booking(service, starts_at, BookingStatus.CONFIRMED, public_id=first_id_at(NOW), booked_at=NOW)

    assert _uses(as_) == {
        "max_providers": (3, 25),
        "max_services": (2, 150),
        "storage_megabytes": (3 * MEGABYTE, 10 * MEGABYTE),
    }
    page = as_("owner").get(URL).content.decode()
    assert "3.0\xa0MB of 10.0\xa0MB used" in page
    assert f'<progress max="{10 * MEGABYTE}" value="{3 * MEGABYTE}" aria-labelledby="use-storage_megabytes">' in page


def test_the_twins_pictures_do_not_count(as_, market, beta):
    with tenant_scope(beta):
        Provider.objects.update(logo="f" * 32, logo_bytes=MEGABYTE)

    assert _uses(as_)["storage_megabytes"] == (0, None)


def test_what_is_used_up_and_what_has_no_limit_says_so(as_, market):
    _allow(market, max_providers=2, max_services=None, bookings_per_month=None, storage_megabytes=None)

    page = as_("owner").get(URL).content.decode()

    assert page.count("Used up") == 1
    assert "3 of 2 used" in page
    assert '<progress max="2" value="2"' in page
    # What stands there, and of the month's bars bookings, storage, mails and calls.
    assert page.count("without a limit") == 2 + 4


def test_a_plan_that_includes_none_of_something_has_no_meter_for_it(as_, market):
    _allow(market, max_providers=0, max_services=5, bookings_per_month=None, storage_megabytes=None)

    page = as_("owner").get(URL).content.decode()

    assert "3 of 0 used" in page
    assert page.count("Used up") == 1
    assert re.findall(r'<progress max="(\d+)"', page) == ["5"]


def test_a_plan_is_named_and_one_that_is_gone_is_not(as_, market):
    with platform_scope(reason="test"):
        Plan.objects.create(code="palace", name="Palace", price_minor=1, currency="EUR", entitlements={})
        Tenant.objects.filter(pk=market.id).update(plan_code="palace")
    host_cache.clear()
    named = as_("owner").get(URL).content.decode()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(plan_code="gone")
    host_cache.clear()
    gone = as_("owner").get(URL).content.decode()

    assert "You are on the plan “Palace”." in named
    assert "You are on the plan" not in gone
    assert "What you use this month" in gone


@pytest.mark.parametrize(("has_api", "words"), [(True, "Included"), (False, "Not included")])
def test_what_the_plan_includes_is_told(as_, market, has_api, words):
    _allow(market, api_access=has_api)

    switches = dict(as_("owner").get(URL).context["switches"])

    assert switches["API"] is has_api
    assert words in as_("owner").get(URL).content.decode()


@pytest.fixture
def plans(market) -> None:
    """The market is on the smallest of three plans."""
    with platform_scope(reason="test"):
        load_default_plans()
        start_trial(tenant_id=market.id, plan_code="stall")
    host_cache.clear()


def test_what_the_plan_lacks_is_shown_with_what_it_does_its_price_and_a_way_on(as_, plans):
    page = as_("owner").get(URL).content.decode()

    assert 'data-locked="custom_domain"' in page
    assert "Visitors see your own name in the address bar" in page
    assert "Part of Studio, for £51 a month." in page
    assert 'href="#plans"' in page
    assert "It costs £17 a month." in page


def test_larger_plans_say_in_words_what_they_have_more(as_, plans):
    answer = as_("owner").get(URL)

    assert [one.standing.name for one in answer.context["larger"]] == ["Studio", "Hall"]
    assert "/#plans" in answer.content.decode()


@pytest.mark.parametrize(("path", "code"), [("domains/", "custom_domain"), ("api-keys/", "api_access")])
def test_a_page_of_a_locked_feature_is_no_dead_end(as_, plans, path, code):
    page = as_("owner").get(f"/manage/settings/{path}").content.decode()

    assert f'data-locked="{code}"' in page
    assert "Part of Studio, for £51 a month." in page
    assert f'href="{URL}#plans"' in page


@pytest.mark.parametrize("path", ["domains/", "api-keys/"])
def test_who_has_a_feature_sees_no_lock(as_, market, path):
    _allow(market, custom_domain=True, api_access=True)

    assert "data-locked" not in as_("owner").get(f"/manage/settings/{path}").content.decode()


def test_bookings_are_counted_by_the_month_they_were_made_in_on_the_own_clock(as_, market):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(time_zone="America/New_York")
    host_cache.clear()
    with tenant_scope(context_for(market.id)):
        Booking.objects.all().delete()
        service = Service.objects.get(pk=9_100_000)
        # Before midnight in New York it is still October.
        for number, at in enumerate((datetime(2026, 11, 1, 3, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC))):
            starts_at = NOW + timedelta(days=5 + number)
            make_booking(service, starts_at, BookingStatus.CONFIRMED, public_id=first_id_at(at), booked_at=at)

        found = booked_by_month(since=date(2026, 9, 1), now=datetime(2026, 11, 20, tzinfo=UTC))

    assert found == {date(2026, 10, 1): 1, date(2026, 11, 1): 1}


def test_the_number_of_queries_does_not_grow_with_providers(as_, market):
    client = as_("owner")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(URL).status_code == 200
        return len(captured)

    before = queries()
    with tenant_scope(market):
        for number in range(10, 14):
            make_provider(make_member(f"p{number}@twin.example", "provider"), f"Person {number}", number)

    assert queries() == before
