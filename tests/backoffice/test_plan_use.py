"""What an owner sees of the month's use: bars that fetch themselves anew, what beyond costs, and a line on the first page."""

from __future__ import annotations

import pytest

from kernel.money import Money
from shared_apps.metering.selectors import standing
from shared_apps.metering.services import count_facts, tell_of_quotas
from shared_apps.metering.types import API_CALLS, METERS, Fact, Terms
from shared_apps.plans.types import Beyond
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.market import NOW

URL = "/manage/settings/plan/"


def call(market, count: int) -> None:
    """So many calls, of ten that the plan lets through."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=market.id).update(entitlements={"api_calls_per_month": 10})
    host_cache.clear()
    with tenant_scope(market):
        count_facts([Fact(API_CALLS, "traffic:1", NOW, count)], now=NOW)


def test_the_bars_come_alone_and_fetch_themselves_anew(as_, market):
    call(market, 7)

    part = as_("owner").get(f"{URL}use/").content.decode()

    assert "7 used of 10 included" in part
    assert '<progress max="10" value="7" aria-labelledby="meter-api_calls">' in " ".join(part.split())
    assert f'hx-get="{URL}use/"' in part
    assert "<html" not in part
    assert part.split("As of")[0].strip() in as_("owner").get(URL).content.decode()


def test_what_is_charged_beyond_is_said_with_what_it_is_so_far(as_, market, monkeypatch):
    call(market, 25)
    terms = Terms(included=10, stops_at=None, beyond=Beyond.SOLD, per_units=10, price=Money(250, "GBP"))
    monkeypatch.setattr(standing, "terms_of", lambda _tenant: dict.fromkeys(METERS, terms))

    page = as_("owner").get(URL).content.decode()

    assert "25 used of 10 included" in page
    assert "Each 10 beyond that: £2.50. £5.00 so far." in page
    assert "Beyond what is included" in page


@pytest.mark.parametrize(("who", "is_told"), [("owner", True), ("provider", False)])
def test_the_first_page_tells_who_may_see_the_plan(as_, market, who, is_told):
    call(market, 8)
    tell_of_quotas(now=NOW)

    page = as_(who).get("/manage/").content.decode()

    assert ("API calls: 80 % of what your plan includes this month is used." in page) == is_told
