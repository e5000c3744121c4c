"""The expansion: what plans said in their own columns becomes version 1, and old code goes on beside it."""

from __future__ import annotations

import importlib

import pytest
from django.db import connection

from shared_apps.plans.models import Plan, PlanVersion
from shared_apps.plans.selectors import current_terms, offers, version_contents
from shared_apps.plans.services import load_default_plans
from shared_apps.plans.types import Interval
from tenants.scope import owner_scope
from tests.factories.tenants import ALPHA_ID

OLD = {"max_providers": 3, "max_services": 15, "sso": False, "bookings_per_month": None}


@pytest.fixture
def old_plan(in_platform) -> Plan:
    """A plan as the code before versions makes it."""
    return Plan.objects.create(
        code="old", name="Old", price_minor=1900, currency="GBP", trial_days=7, entitlements=OLD, position=9
    )


def _fill() -> None:
    migration = importlib.import_module("shared_apps.plans.migrations.0003_first_versions")
    tables = ("plans_planversion", "plans_planprice", "plans_plan")
    with owner_scope(reason="test"), connection.cursor() as cursor:
        # It runs before there are triggers; what the test has written so far must be settled before they can be told to rest.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(migration.FORWARD)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_a_plan_becomes_its_first_version_with_the_price_of_a_month(old_plan):
    _fill()

    said = version_contents("old", 1)
    old_plan.refresh_from_db()
    assert said is not None
    assert (said.entitlements, said.trial_days, said.prices) == (OLD, 7, {("GBP", Interval.MONTH): 1900})
    assert (old_plan.current.number, old_plan.current.is_draft) == (1, False)


def test_filling_twice_makes_nothing_twice(old_plan):
    _fill()
    _fill()

    assert PlanVersion.objects.filter(plan=old_plan).count() == 1


def test_what_old_code_sells_in_between_is_healed_by_the_next_setup(in_platform):
    Plan.objects.create(code="stall", name="Mine", price_minor=100, currency="EUR", entitlements={"max_providers": 2})

    load_default_plans()

    said = version_contents("stall", 1)
    assert said is not None
    assert (said.entitlements, said.prices) == ({"max_providers": 2}, {("EUR", Interval.MONTH): 100})
    assert "Mine" in [offer.plan.name for offer in offers()]


def test_an_organization_that_old_code_registers_is_on_the_first_version(in_platform):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns"
            " WHERE table_name = 'tenants_tenant' AND column_name = 'plan_version'"
        )
        assert cursor.fetchone() == ("1",)
        cursor.execute("SELECT plan_version FROM tenants_tenant WHERE id = %s", [ALPHA_ID])
        assert cursor.fetchone() == (1,)


def test_entitlements_that_came_later_take_nothing_from_who_was_here(old_plan):
    _fill()

    given = current_terms("old")["entitlements"]
    assert (given["max_providers"], given["mails_per_month"], given["max_domains"]) == (3, None, None)
