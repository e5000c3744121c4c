"""Owners are told once a month at 80 and at 100 hundredths of what is included."""

from __future__ import annotations

import pytest
import time_machine
from django.core import mail

from kernel.money import Money
from kernel.outbox.models import OutboxMessage
from shared_apps.metering.events import QuotaReached
from shared_apps.metering.selectors import reached_quotas
from shared_apps.metering.services import count_facts, note_level, tell_of_quotas
from shared_apps.metering.types import ACTIVE_PROVIDERS, API_CALLS, BOOKINGS, STORAGE, Terms
from shared_apps.plans.types import Beyond
from tenant_apps.backoffice.handlers import write_about_quota
from tenant_apps.backoffice.selectors import quotas
from tenant_apps.backoffice.selectors.quotas import quota_letter
from tenants.hosts import context_for, host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.members.helpers import make_member
from tests.metering.rows import NOVEMBER, NOW, OCTOBER, allow, at, fact


@pytest.fixture(autouse=True)
def ten_calls(alpha, beta):
    allow(api_calls_per_month=10)
    allow(BETA_ID, api_calls_per_month=10)


def call(count: int, tenant_id=ALPHA_ID, now=NOW) -> None:
    with tenant_scope(context_for(tenant_id)):
        count_facts([fact(f"traffic:{now}", now, count, API_CALLS)], now=now)


def told() -> list[tuple[str, str, int]]:
    with platform_scope(reason="test"):
        rows = OutboxMessage.objects.filter(event_type=QuotaReached.event_type).order_by("pk")
        return [(str(row.tenant_id), row.payload["meter"], row.payload["level"]) for row in rows]


def test_at_eighty_and_at_a_hundred_each_once():
    found = []
    for count in (7, 8, 9, 10, 14):
        call(count)
        tell_of_quotas(now=NOW)
        found.append(tell_of_quotas(now=NOW))

    assert found == [0] * 5
    assert told() == [(str(ALPHA_ID), "api_calls", 80), (str(ALPHA_ID), "api_calls", 100)]


def test_of_both_at_once_the_higher_one_is_told():
    call(12)

    assert (tell_of_quotas(now=NOW), tell_of_quotas(now=NOW)) == (1, 0)
    assert [level for *_who, level in told()] == [100]


def test_the_next_month_is_told_of_anew_and_the_last_one_not_again():
    call(8)
    tell_of_quotas(now=NOW)
    call(9, now=at(2, 12))

    assert tell_of_quotas(now=at(2, 12)) == 1
    with platform_scope(reason="test"):
        assert len(told()) == 2


def test_what_is_included_counts_and_not_where_it_ends(alpha):
    allow(api_calls_per_month=100, api_calls_per_month__included=10)
    call(9)

    assert tell_of_quotas(now=NOW) == 1


def test_without_an_end_nobody_is_told():
    allow(api_calls_per_month=None)
    call(500)

    assert tell_of_quotas(now=NOW) == 0


def test_storage_is_measured_in_the_plans_megabytes(alpha):
    allow(storage_megabytes=10)
    with tenant_scope(alpha):
        note_level(STORAGE, 7 * 2**20, now=NOW)
    assert tell_of_quotas(now=NOW) == 0
    with tenant_scope(alpha):
        note_level(STORAGE, 8 * 2**20, now=NOW)

    assert tell_of_quotas(now=NOW) == 1


@pytest.mark.parametrize(("included", "told_of"), [({}, 0), ({"max_providers__included": 1}, 1)])
def test_of_seats_that_are_all_active_only_who_pays_for_more_is_told(alpha, included, told_of):
    allow(max_providers=1, **included)
    with tenant_scope(alpha):
        count_facts([fact("provider:1", meter=ACTIVE_PROVIDERS)], now=NOW)

    assert tell_of_quotas(now=NOW) == told_of


def test_a_sandbox_is_told_nothing():
    call(10)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(sandbox_of=BETA_ID)

    assert tell_of_quotas(now=NOW) == 0


def test_each_owner_gets_one_letter_in_their_language(alpha):
    with time_machine.travel(NOW, tick=False), tenant_scope(alpha):
        make_member("ada@twin.example", "owner")
        write = lambda: write_about_quota(QuotaReached("api_calls", NOVEMBER, 80))  # noqa: E731  # twice, word by word
        write()
        write()

    letters = [letter for letter in mail.outbox if letter.to == ["ada@twin.example"]]
    assert len(letters) == 1
    assert "80 %" in letters[0].subject
    assert "API calls" in letters[0].subject


@pytest.mark.parametrize(
    ("is_charged", "says"), [(True, "charged with your next invoice"), (False, "nothing is charged for it")]
)
def test_a_letter_promises_a_charge_to_who_is_charged_alone(alpha, monkeypatch, is_charged, says):
    sold = Terms(included=10, stops_at=None, beyond=Beyond.SOLD, per_units=5, price=Money(200, "GBP"))
    monkeypatch.setattr(quotas, "terms_of", lambda _tenant: {API_CALLS.code: sold})
    monkeypatch.setattr(quotas, "is_charged", lambda _tenant_id: is_charged)

    with tenant_scope(alpha):
        letters = [quota_letter(QuotaReached(API_CALLS.code, NOVEMBER, level), now=NOW) for level in (80, 100)]

    assert all(letter is not None and says in letter.preheader for letter in letters)


def test_the_bookings_own_letter_is_not_written_twice(alpha):
    allow(bookings_per_month=5)
    host_cache.clear()
    with time_machine.travel(NOW, tick=False), tenant_scope(context_for(ALPHA_ID)):
        make_member("ada@twin.example", "owner")
        write_about_quota(QuotaReached(BOOKINGS.code, NOVEMBER, 100))
        assert mail.outbox == []
        write_about_quota(QuotaReached(BOOKINGS.code, NOVEMBER, 80))

    assert len(mail.outbox) >= 1


def test_the_first_page_says_the_highest_level(alpha):
    call(8)
    tell_of_quotas(now=NOW)
    call(10)
    tell_of_quotas(now=NOW)

    assert reached_quotas(alpha, now=NOW) == [(API_CALLS, 100)]
    assert reached_quotas(alpha, now=at(2, 10)) == []
    assert OCTOBER < NOVEMBER
