"""The console's overview, plans and audit trail."""

import re

from kernel import clock
from shared_apps.audit.services import record
from shared_apps.domains.models import CustomDomain
from shared_apps.plans.models import Plan
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.console.happenings import dead_message, failed_run, text_of, url_of
from tests.factories.tenants import ALPHA_ID, BETA_ID


def test_the_overview_counts_and_names_what_waits(admin, alpha, beta):
    run = failed_run("kiln")
    dead_message()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status="suspended")

    response = admin.get("/console/")

    page = text_of(response)
    assert "Something waits for you." in page
    assert url_of(run) in page
    assert response.context["active_count"] == 1
    assert response.context["outbox"].dead == 1
    assert {line.state.value: line.count for line in response.context["counts"]}["suspended"] == 1


def test_a_calm_day_says_so(admin, alpha):
    page = text_of(admin.get("/console/"))

    assert "Nothing waits for you." in page
    assert "Every run went through" in page


def test_the_overview_costs_the_same_on_a_bad_day(admin, alpha, django_assert_num_queries):
    failed_run()
    admin.get("/console/")
    with django_assert_num_queries(25):
        admin.get("/console/")
    for _ in range(4):
        failed_run()
        dead_message()

    with django_assert_num_queries(25):
        admin.get("/console/")


def test_plans_stand_side_by_side(admin, alpha, beta):
    page = text_of(admin.get("/console/plans/"))

    assert "€249.00" in page
    assert "Single sign-on" in page
    assert "No limit" in page


def test_plans_cost_the_same_for_many(admin, django_assert_num_queries):
    admin.get("/console/plans/")
    with django_assert_num_queries(13):
        admin.get("/console/plans/")
    with platform_scope(reason="test"):
        Plan.objects.create(code="palace", name="Palace", price_minor=1, currency="EUR", entitlements={})

    with django_assert_num_queries(13):
        assert "Palace" in text_of(admin.get("/console/plans/"))


def test_a_plan_names_who_is_on_it(admin, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(plan_code="stall", name="Beta Only")

    page = text_of(admin.get("/console/plans/stall/"))

    assert "Beta Only" in page
    assert "alpha.localhost" not in page


def test_a_plan_without_anybody_says_so(admin, alpha):
    assert "Nobody is on this plan" in text_of(admin.get("/console/plans/hall/"))


def test_a_plan_says_what_each_on_it_may_take(admin, alpha, settings):
    settings.REQUEST_LIMITS = {"default": {"per_second": 37, "burst": 141, "at_once": 0, "sockets": 77}}
    settings.MAILS_PER_DAY = {"default": 999, "stall": 123}

    page = text_of(admin.get("/console/plans/stall/"))

    facts = dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>(?:<span[^>]*>)?([^<]+?)\s*<", page))
    assert facts["Requests a second"] == "37"
    assert facts["Requests in one burst"] == "141"
    assert facts["Requests at once in a process"] == "No limit"
    assert facts["Open sockets in a process"] == "77"
    assert facts["Mails a day"] == "123"


def test_the_audit_trail_is_read_newest_first_over_pages(auditor):
    with platform_scope(reason="test"):
        for number in range(60):
            record(action=f"test.act{number}", actor_label="ann", actor_kind="system")

    first = auditor.get("/console/audit/")
    second = auditor.get("/console/audit/", {"before": first.context["page"].next_cursor})

    assert "Test act59" in text_of(first)
    assert "Test act0<" not in text_of(first)
    assert "Test act0<" in text_of(second)


def test_a_broken_link_into_the_trail_starts_at_its_head(auditor):
    assert auditor.get("/console/audit/", {"before": "x²"}).status_code == 200


def test_the_overview_says_when_many_domains_fail_at_once(admin, alpha):
    with platform_scope(reason="test"):
        for number in range(5):
            CustomDomain.objects.create(
                tenant_id=ALPHA_ID, host=f"b{number}.acme-cleaning.com", look="acmecleaning.com", state="failing",
                live_at=clock.now(), failing_since_at=clock.now(), claim_expires_at=clock.now(), next_check_at=clock.now(),
            )  # fmt: skip

    assert "5 live domains fail at once" in text_of(admin.get("/console/"))
