"""What a plan does not include: what it would do, the smallest plan that has it, and never a dead end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.errors import PlanLimit
from kernel.money import Money
from shared_apps.plans.errors import LimitReached, NotInPlan
from shared_apps.plans.models import Plan
from shared_apps.plans.selectors import larger_plans, locked_feature, locked_features, smallest_plan_with, standing_of
from shared_apps.plans.services import included_in, limit_of, retire_plan
from shared_apps.plans.types import (
    API_ACCESS,
    BOOKINGS_PER_MONTH,
    CUSTOM_DOMAIN,
    MAILS_PER_MONTH,
    MAX_PROVIDERS,
    SSO,
    Beyond,
    Interval,
    PlanKind,
    QuotaTerms,
)
from shared_apps.rest.problems import problem_of
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.factories.plans import OPERATOR, make_plan, next_version


@pytest.fixture
def tenant(catalogue, alpha) -> TenantContext:
    """On the smallest plan, in pounds."""
    return replace(alpha, plan="stall", entitlements={"max_providers": 3, "bookings_per_month": 150})


def test_a_locked_feature_names_the_smallest_plan_and_its_price_in_the_own_currency(tenant):
    feature = locked_feature(tenant, CUSTOM_DOMAIN)

    assert (feature.plan_name, feature.price, feature.interval) == ("Studio", Money(5100, "GBP"), Interval.MONTH)
    assert locked_feature(tenant, SSO).plan_name == "Hall"


def test_what_one_has_is_not_locked_and_costs_no_query(tenant, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert locked_feature(replace(tenant, entitlements={"custom_domain": True}), CUSTOM_DOMAIN) is None


def test_many_locked_features_cost_as_many_queries_as_one(tenant, django_assert_num_queries):
    with tenant_scope(tenant), django_assert_num_queries(4):
        found = locked_features(tenant, [CUSTOM_DOMAIN, API_ACCESS, SSO, MAX_PROVIDERS])

    assert [one.plan_name for one in found] == ["Studio", "Studio", "Hall", "Studio"]


def test_without_a_limit_nothing_is_locked(tenant):
    assert locked_feature(replace(tenant, entitlements={"max_providers": None}), MAX_PROVIDERS) is None


def test_a_feature_that_no_plan_on_offer_has_says_so(tenant):
    retire_plan(actor=OPERATOR, plan_code="hall")

    feature = locked_feature(tenant, SSO)

    assert (feature.plan_code, feature.price) == ("", None)


@pytest.mark.parametrize(("more_than", "plan"), [(2, "stall"), (3, "studio"), (25, "hall")])
def test_more_of_a_limit_is_in_the_smallest_plan_that_has_more(tenant, more_than, plan):
    assert smallest_plan_with(MAX_PROVIDERS, more_than=more_than).plan.code == plan


def test_a_plan_that_sells_more_has_more_than_any_number(tenant):
    terms = QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"EUR": 200})
    next_version("stall", entitlements={"bookings_per_month": 150}, quotas={"bookings_per_month": terms})

    assert smallest_plan_with(BOOKINGS_PER_MONTH, more_than=9999).plan.code == "stall"


@pytest.mark.parametrize(
    ("error", "code", "plan"),
    [
        (lambda: NotInPlan(API_ACCESS), "api_access", "studio"),
        (lambda: LimitReached(MAX_PROVIDERS, 25), "max_providers", "hall"),
        (lambda: NotInPlan(SSO), "sso", "hall"),
    ],
)
def test_a_program_is_told_402_with_the_entitlement_and_the_smallest_plan_that_has_it(tenant, error, code, plan):
    with tenant_scope(tenant):
        document = problem_of(error()).as_json()

    assert (document["status"], document["entitlement"], document["plan"]["code"]) == (402, code, plan)
    assert {"amount_minor": 24_900 if plan == "hall" else 5_900, "currency": "EUR", "interval": "month"} in document["plan"][
        "prices"
    ]


@pytest.mark.parametrize("entitlement", ["", "gone_with_an_older_version"])
def test_a_refusal_of_another_version_names_no_plan(tenant, entitlement):
    document = problem_of(PlanLimit("No.", entitlement=entitlement)).as_json()

    assert (document["entitlement"], document["plan"]) == (entitlement, None)


def test_one_reads_what_one_pays_on_the_version_one_is_on(tenant):
    next_version("stall", prices={("GBP", Interval.MONTH): 9900})

    assert standing_of(tenant).by_month == Money(1700, "GBP")
    assert standing_of(replace(tenant, plan_version=2)).by_month == Money(9900, "GBP")
    assert standing_of(replace(tenant, plan="gone")) is None


def test_larger_plans_are_those_that_cost_more_with_what_they_have(tenant):
    with tenant_scope(tenant):
        larger = larger_plans(tenant)

    assert [one.standing.name for one in larger] == ["Studio", "Hall"]
    assert ("Providers", "3", "25") in [(gain.label, gain.before, gain.after) for gain in larger[0].gains]
    assert "Free days" not in [gain.label for gain in larger[0].gains]
    assert larger_plans(replace(tenant, plan="hall")) == []


def test_what_is_included_is_asked_of_the_context_alone(alpha, django_assert_num_queries):
    given = {"bookings_per_month": 500, "bookings_per_month.included": 150, "max_providers": 3}
    with tenant_scope(replace(alpha, entitlements=given)), django_assert_num_queries(0):
        assert (limit_of(BOOKINGS_PER_MONTH), included_in(BOOKINGS_PER_MONTH)) == (500, 150)
        assert (limit_of(MAX_PROVIDERS), included_in(MAX_PROVIDERS)) == (3, 3)
        # Came later: whoever was here before goes on as before.
        assert (limit_of(MAILS_PER_MONTH), included_in(MAILS_PER_MONTH)) == (None, None)


def test_an_add_on_is_no_plan_that_has_something(tenant):
    make_plan("sign-on", kind=PlanKind.ADD_ON, entitlements={"sso": True})
    Plan.objects.filter(code="sign-on").update(position=0)

    assert locked_feature(tenant, SSO).plan_code == "hall"
