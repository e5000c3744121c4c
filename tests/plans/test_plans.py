"""Plans: typed values, questions answered from the context alone, limits that hold when two ask at once."""

import threading
from dataclasses import replace

import pytest
from django.db import connection, transaction

from shared_apps.accounts.models import User
from shared_apps.plans import services
from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.plans.models import Plan
from shared_apps.plans.rules import allows, complete
from shared_apps.plans.selectors import entitlements_for, offered_plans
from shared_apps.plans.services import asking
from shared_apps.plans.types import API_ACCESS, MAX_PROVIDERS, SSO
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID


def test_three_plans_are_offered_and_loading_them_again_keeps_the_operators_changes(in_platform):
    services.load_default_plans()
    Plan.objects.filter(code="studio").update(name="Atelier")

    services.load_default_plans()

    assert [plan.name for plan in offered_plans()] == ["Stall", "Atelier", "Hall"]


def test_a_plan_has_a_value_for_every_entitlement(in_platform):
    services.load_default_plans()

    assert entitlements_for("stall")["sso"] is False
    assert entitlements_for("hall")["max_providers"] is None


@pytest.mark.parametrize(
    "values", [{"wings": True}, {"sso": 1}, {"max_providers": True}, {"max_providers": -1}, {"max_providers": "9"}]
)
def test_a_value_of_another_name_or_type_is_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        complete(values)


@pytest.mark.parametrize(("limit", "count", "expected"), [(None, 10**9, True), (3, 3, True), (3, 4, False), (0, 1, False)])
def test_a_limit_allows_as_many_as_it_says(limit, count, expected):
    assert allows(limit, count) is expected


def test_a_switch_is_asked_without_any_query(alpha, django_assert_num_queries):
    with tenant_scope(replace(alpha, entitlements={"api_access": True})), django_assert_num_queries(0):
        services.require(API_ACCESS)
        with pytest.raises(NotInPlan) as refusal:
            services.require(SSO)

    assert (refusal.value.http_status, refusal.value.entitlement) == (402, "sso")


def _race_for_the_last_place(places: int, racers: int, count=User.objects.count) -> tuple[int, int]:
    """Let `racers` threads add a row each where the plan has `places`; returns rows and refusals."""
    tenant = replace(context_for(ALPHA_ID), entitlements={"max_providers": places})
    start, refusals = threading.Barrier(racers), []

    def add(number: int) -> None:
        start.wait()
        try:
            with tenant_scope(tenant), transaction.atomic():
                services.require_within_limit(MAX_PROVIDERS, used=count)
                User.objects.create(email=f"racer-{number}@twin.example")
        except LimitReached as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tenant_scope(tenant):
        return User.objects.count(), len(refusals)


@pytest.mark.proves("races.plans")
def test_the_eleventh_of_ten_is_refused_when_all_ask_at_once(own_database):
    assert _race_for_the_last_place(places=10, racers=16) == (10, 6)


@pytest.mark.control
@pytest.mark.proves("races.plans")
def test_without_the_lock_more_than_ten_get_in(own_database, monkeypatch):
    """Negative control."""
    everybody_counted = threading.Barrier(16, timeout=20)
    monkeypatch.setattr(asking, "lock_named", lambda _: None)

    def count_with_the_others() -> int:
        counted = User.objects.count()
        everybody_counted.wait()
        return counted

    assert _race_for_the_last_place(places=10, racers=16, count=count_with_the_others) == (16, 0)
