"""What a plan includes holds everywhere, also for two who take the last one at once."""

from dataclasses import replace
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from django.db import connection, connections, transaction

from kernel.actor import Actor
from kernel.errors import PermissionDenied, PlanLimit
from shared_apps.plans import services
from shared_apps.plans.errors import EntitlementInvalid, PlanNotFound
from shared_apps.plans.models import Plan
from shared_apps.plans.registry import API_ACCESS, ENTITLEMENTS, MAX_PROVIDERS, SSO, Limit
from shared_apps.plans.rules import DEFAULT_PLANS, check_values, complete
from shared_apps.plans.selectors import allowance, entitlements_for, get_plan, has, offered_plans
from shared_apps.plans.services import change_plan, load_default_plans, require, start_trial, within_limit
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

OPERATOR = Actor.operator(user_id=1, label="op@example.org", capabilities=frozenset({"plans.edit"}))


def _on(tenant, **entitlements):
    return tenant_scope(replace(tenant, entitlements=entitlements))


def test_what_the_plan_includes_passes_and_the_rest_is_refused_by_name(alpha):
    with _on(alpha, api_access=True, sso=False):
        require(API_ACCESS)
        with pytest.raises(PlanLimit) as refused:
            require(SSO)

    assert refused.value.entitlement == "sso"
    assert refused.value.http_status == 402
    assert "Single sign-on" in refused.value.message


def test_a_plan_without_a_word_for_it_does_not_include_it(alpha):
    with _on(alpha):
        assert not has(SSO)
        assert allowance(MAX_PROVIDERS) == MAX_PROVIDERS.default


@pytest.mark.parametrize(("switch", "limit"), [("yes", "10"), (1, -1), (None, True), ("true", 2.5)])
def test_a_value_of_the_wrong_type_counts_as_missing(alpha, switch, limit):
    with _on(alpha, sso=switch, max_providers=limit):
        assert not has(SSO)
        assert allowance(MAX_PROVIDERS) == MAX_PROVIDERS.default


@pytest.mark.parametrize(("present", "adding"), [(9, 1), (8, 2), (0, 10)])
def test_up_to_the_limit_everything_passes(alpha, present, adding):
    with _on(alpha, max_providers=10), transaction.atomic():
        within_limit(MAX_PROVIDERS, count=lambda: present, adding=adding)


@pytest.mark.parametrize(("present", "adding"), [(10, 1), (9, 2), (0, 11), (11, 1)])
def test_past_the_limit_everything_is_refused_by_name(alpha, present, adding):
    with _on(alpha, max_providers=10), transaction.atomic(), pytest.raises(PlanLimit) as refused:
        within_limit(MAX_PROVIDERS, count=lambda: present, adding=adding)

    assert refused.value.entitlement == "max_providers"


def test_without_a_limit_nothing_is_counted(alpha, django_assert_num_queries):
    with _on(alpha, max_providers=None), transaction.atomic(), django_assert_num_queries(0):
        within_limit(MAX_PROVIDERS, count=lambda: pytest.fail("counted"))


def test_entitlements_are_read_without_a_query(in_alpha, django_assert_num_queries):
    with django_assert_num_queries(0):
        has(SSO)
        allowance(MAX_PROVIDERS)


def _take_at_once(tenant, racers: int) -> list[bool]:
    barrier, taken = Barrier(racers), []

    def take() -> None:
        try:
            with _on(tenant, max_providers=10):
                barrier.wait()
                with transaction.atomic(), connection.cursor() as cursor:
                    within_limit(MAX_PROVIDERS, count=_count)
                    cursor.execute("INSERT INTO things SELECT pg_sleep(0.02)")
                taken.append(True)
        except PlanLimit:
            taken.append(False)
        finally:
            connections.close_all()

    threads = [Thread(target=take) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM things")
        return cursor.fetchone()[0]


@pytest.fixture
def nine_of_ten(own_database, alpha_committed):
    with tenant_scope(alpha_committed), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE things (x text)")
        cursor.execute("INSERT INTO things SELECT 'x' FROM generate_series(1, 9)")
    return alpha_committed


@pytest.fixture
def alpha_committed(own_database):
    from tests.factories.tenants import ALPHA_ID

    return context_for(ALPHA_ID)


def test_of_many_who_take_the_last_one_at_once_one_gets_it(nine_of_ten):
    taken = _take_at_once(nine_of_ten, 6)

    assert sorted(taken) == [False] * 5 + [True]
    with tenant_scope(nine_of_ten):
        assert _count() == 10


def test_without_the_lock_several_get_the_last_one(nine_of_ten, monkeypatch):
    monkeypatch.setattr(services, "lock_named", lambda _what: None)

    taken = _take_at_once(nine_of_ten, 6)

    assert taken.count(True) > 1


def test_the_lock_of_one_tenant_does_not_hold_up_its_twin(own_database):
    from tests.factories.tenants import ALPHA_ID, BETA_ID

    done = []

    def other() -> None:
        try:
            with _on(context_for(BETA_ID), max_providers=10), transaction.atomic():
                within_limit(MAX_PROVIDERS, count=lambda: 0)
                done.append(True)
        finally:
            connections.close_all()

    with _on(context_for(ALPHA_ID), max_providers=10), transaction.atomic():
        within_limit(MAX_PROVIDERS, count=lambda: 0)
        thread = Thread(target=other)
        thread.start()
        thread.join(timeout=10)
        assert done == [True]


@pytest.mark.usefixtures("in_platform")
def test_the_default_plans_are_loaded_once_and_never_overwritten():
    load_default_plans()
    Plan.objects.filter(code="starter").update(price_minor=1900)

    assert load_default_plans() == 0

    assert [plan.code for plan in offered_plans()] == ["starter", "studio", "campus"]
    assert get_plan("starter").price_minor == 1900


def test_every_default_plan_has_proper_values_and_a_larger_plan_never_less():
    for draft in DEFAULT_PLANS:
        check_values(draft.entitlements)
        assert complete(draft.entitlements).keys() == ENTITLEMENTS.keys()

    for small, large in pairwise(DEFAULT_PLANS):
        for name, entitlement in ENTITLEMENTS.items():
            less, more = complete(small.entitlements)[name], complete(large.entitlements)[name]
            assert more is None or (isinstance(entitlement, Limit) and less is not None and more >= less) or more >= less


@pytest.mark.parametrize("values", [{"max_wishes": 3}, {"sso": 1}, {"max_providers": -1}, {"max_providers": True}])
def test_a_plan_cannot_have_what_is_not_in_the_registry(values):
    with pytest.raises(EntitlementInvalid) as refused:
        check_values(values)

    assert refused.value.field == next(iter(values))


def test_a_trial_runs_fourteen_days_and_does_not_start_twice(alpha):
    load_default_plans()

    first = start_trial(tenant_id=alpha.id, plan_code="studio")
    again = start_trial(tenant_id=alpha.id, plan_code="studio")

    with platform_scope(reason="test"):
        tenant = Tenant.objects.get(pk=alpha.id)
        assert again == first == tenant.trial_ends_at
        assert (first - tenant.created_at).days in {13, 14}
        assert tenant.entitlements == entitlements_for(get_plan("studio"))


def test_an_unknown_plan_is_not_found(alpha):
    with pytest.raises(PlanNotFound):
        start_trial(tenant_id=alpha.id, plan_code="gold")


def test_changing_a_plan_changes_it_for_everybody_on_it(alpha, beta):
    load_default_plans()
    start_trial(tenant_id=alpha.id, plan_code="studio")
    start_trial(tenant_id=beta.id, plan_code="starter")

    change_plan(actor=OPERATOR, code="studio", entitlements={"max_providers": 77})

    assert context_for(alpha.id).entitlements["max_providers"] == 77
    assert context_for(beta.id).entitlements["max_providers"] == 5


@pytest.mark.usefixtures("in_platform")
def test_only_who_may_changes_a_plan():
    load_default_plans()

    with pytest.raises(PermissionDenied):
        change_plan(actor=Actor.guest(), code="studio", entitlements={"sso": True})

    assert not entitlements_for(get_plan("studio"))["sso"]
