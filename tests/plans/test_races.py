"""Two operators at once: one of the last two plans stays on offer, one of two publications counts, one order of two runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet

from kernel.errors import DomainError
from shared_apps.plans.models import Plan, PlanMove, PlanVersion
from shared_apps.plans.selectors import offers
from shared_apps.plans.services import load_default_plans, order_move, publish_draft, publishing, retire_plan
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories.plans import OPERATOR, draft_with, next_version
from tests.factories.tenants import ALPHA_ID, BETA_ID

pytestmark = pytest.mark.proves("races.plans")


def _at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of them at the same moment; tells the codes of those that were refused."""
    start, refused = threading.Barrier(len(acts), timeout=30), []

    def do(act: Callable[[], object]) -> None:
        start.wait()
        try:
            with platform_scope(reason="test"):
                act()
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def _retire_both() -> tuple[list[str], int]:
    """What was refused, and how many plans are on offer then."""
    acts = [lambda code=code: retire_plan(actor=OPERATOR, plan_code=code) for code in ("studio", "hall")]
    refused = _at_once(*acts)
    with platform_scope(reason="test"):
        return refused, len(offers())


def test_of_the_last_two_plans_retired_at_once_one_stays(own_database):
    with platform_scope(reason="test"):
        load_default_plans()
        retire_plan(actor=OPERATOR, plan_code="stall")

    assert _retire_both() == (["last_plan"], 1)


@pytest.mark.control
def test_without_the_lock_on_all_of_them_none_would_stay(own_database, monkeypatch):
    """Negative control."""
    both_have_looked = threading.Barrier(2, timeout=20)
    real = publishing.locked_plan

    def look_then_lock(code: str) -> Plan:
        both_have_looked.wait()
        return real(code)

    with platform_scope(reason="test"):
        load_default_plans()
        retire_plan(actor=OPERATOR, plan_code="stall")
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    monkeypatch.setattr(publishing, "locked_plan", look_then_lock)

    assert _retire_both() == ([], 0)


def test_a_draft_that_two_publish_at_once_is_published_once(own_database):
    with platform_scope(reason="test"):
        load_default_plans()
        revision = draft_with("studio").revision

    refused = _at_once(*[lambda: publish_draft(actor=OPERATOR, plan_code="studio", revision=revision)] * 2)

    assert refused == ["no_draft"]
    with platform_scope(reason="test"):
        assert PlanVersion.objects.filter(plan__code="studio").exclude(published_at=None).count() == 2


def test_of_two_orders_for_a_plan_at_once_one_is_taken(own_database):
    with platform_scope(reason="test"):
        load_default_plans()
        Tenant.objects.update(plan_code="studio")
        next_version("studio")
    acts = [
        lambda who=who: order_move(actor=OPERATOR, plan_code="studio", number=2, tenant_ids=[who])
        for who in (ALPHA_ID, BETA_ID)
    ]

    refused = _at_once(*acts)

    assert refused == ["plan_move_under_way"]
    with platform_scope(reason="test"):
        assert PlanMove.objects.get().total == 1
