"""Organizations in the console: found, looked at, taken out of service and back."""

import pytest

from kernel.ids import new_id
from kernel.outbox.models import OutboxMessage
from shared_apps.console import selectors
from shared_apps.console.events import OrganizationSuspended
from shared_apps.entry.selectors import suspension_of
from tenants.models import Domain, Tenant
from tenants.scope import platform_scope
from tenants.types import DomainState
from tests.console.happenings import failed_run, tenant_url, text_of, trail
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant


def _status(tenant_id) -> str:
    with platform_scope(reason="test"):
        return Tenant.objects.values_list("status", flat=True).get(pk=tenant_id)


def test_the_list_shows_what_an_operator_asks_for(admin, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(name="Alpha Cleaning")

    page = text_of(admin.get("/console/tenants/"))

    assert "Alpha Cleaning" in page
    assert "alpha.localhost" in page
    assert "Active" in page
    assert alpha.schema_version in page


def test_the_size_is_that_of_the_schema(admin, alpha):
    row = _row(ALPHA_ID)

    with platform_scope(reason="test"):
        create_tenant(new_id(), "hollow")
        hollow = Tenant.objects.get(slug="hollow")
    assert row.size_bytes > 100_000
    assert _row(hollow.pk).size_bytes is None


def _row(tenant_id):
    from kernel.actor import Actor

    with platform_scope(reason="test"):
        return selectors.get_tenant(Actor.system("test"), tenant_id)


@pytest.mark.parametrize("word", ["ALPH", "alpha.localhost", "ada@alpha", "Alpha Clean", "cleaning.example"])
def test_an_organization_is_found_by_name_address_domain_and_owner(admin, alpha, beta, word):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(name="Alpha Cleaning", owner_email="ada@alpha.example")
        Domain.objects.create(tenant_id=ALPHA_ID, host="www.cleaning.example", state=DomainState.VERIFIED)

    page = text_of(admin.get("/console/tenants/", {"q": word}))

    assert tenant_url(ALPHA_ID) in page
    assert tenant_url(BETA_ID) not in page


def test_where_there_is_one_cluster_nothing_is_told_of_it(admin, alpha):
    assert "/move/" not in text_of(admin.get(tenant_url(ALPHA_ID)))
    assert admin.get(tenant_url(ALPHA_ID, "move/default/")).status_code == 404


def test_a_search_without_a_hit_says_what_to_do(admin, alpha):
    page = text_of(admin.get("/console/tenants/", {"q": "nobody"}))

    assert "Nothing found" in page
    assert "Show all" in page


def test_a_hall_without_stalls_says_where_they_come_from(admin, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.all().delete()

    assert "No organization yet" in text_of(admin.get("/console/tenants/"))


def test_states_are_filtered(admin, alpha, beta):
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=BETA_ID).update(status="suspended")

    page = text_of(admin.get("/console/tenants/", {"state": "suspended"}))

    assert tenant_url(BETA_ID) in page
    assert tenant_url(ALPHA_ID) not in page


def test_the_list_goes_on_and_back_without_losing_anybody(admin, alpha, beta, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE_SIZE", 1)

    first = admin.get("/console/tenants/")
    second = admin.get("/console/tenants/", {"after": first.context["page"].next_cursor})
    back = admin.get("/console/tenants/", {"before": second.context["page"].previous_cursor})

    slugs = [[row.tenant.slug for row in response.context["page"].rows] for response in (first, second, back)]
    assert slugs == [["alpha"], ["beta"], ["alpha"]]


def test_the_list_costs_the_same_for_many(admin, alpha, beta, django_assert_num_queries):
    admin.get("/console/tenants/")
    with django_assert_num_queries(7):
        admin.get("/console/tenants/")
    with platform_scope(reason="test"):
        for number in range(8):
            create_tenant(new_id(), f"stall-{number}")

    with django_assert_num_queries(7):
        page = text_of(admin.get("/console/tenants/"))

    assert "stall-7.localhost" in page


def test_one_organization_shows_its_domains_plan_runs_and_history(admin, alpha):
    failed_run("kiln", tenant_id=ALPHA_ID)
    admin.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": "alpha", "reason": "asked by mail"})

    page = text_of(admin.get(tenant_url(ALPHA_ID)))

    assert "alpha.localhost" in page
    assert alpha.schema in page
    assert "Kiln" in page
    assert "Organization suspended" in page
    assert "asked by mail" in page
    assert "Bookings a month" in page


def test_one_organization_costs_the_same_whatever_happened_to_it(admin, alpha, django_assert_num_queries):
    failed_run(tenant_id=ALPHA_ID)
    admin.get(tenant_url(ALPHA_ID))
    with django_assert_num_queries(25):
        admin.get(tenant_url(ALPHA_ID))
    for _ in range(4):
        failed_run(tenant_id=ALPHA_ID)

    with django_assert_num_queries(25):
        admin.get(tenant_url(ALPHA_ID))


def test_suspending_asks_for_the_name_first(support, alpha):
    page = text_of(support.get(tenant_url(ALPHA_ID, "suspend/")))

    assert "Type alpha" in page
    assert _status(ALPHA_ID) == "active"


def test_with_the_name_it_is_suspended_and_noted(support, alpha, beta):
    response = support.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": " alpha ", "reason": "unpaid"})

    assert response["Location"] == tenant_url(ALPHA_ID)
    assert (_status(ALPHA_ID), _status(BETA_ID)) == ("suspended", "active")
    assert trail() == [("tenant.suspended", "alpha", "support@stoa.example", "unpaid")]


@pytest.mark.parametrize("typed", ["", "beta", "ALPHA"])
def test_with_another_name_nothing_happens(support, alpha, typed):
    response = support.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": typed, "reason": "unpaid"})

    assert response.status_code == 422
    assert 'value="unpaid"' in text_of(response)
    assert _status(ALPHA_ID) == "active"
    assert trail() == []


def test_what_the_owners_are_told_is_kept_beside_the_operators_reason(support, alpha):
    words = "Your card was refused. Send us a new one, please."

    support.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": "alpha", "reason": "unpaid", "words_for_owners": words})

    with platform_scope(reason="test"):
        suspended = suspension_of(ALPHA_ID)
        told = OutboxMessage.objects.get(event_type=OrganizationSuspended.event_type)
    assert (told.handler, told.tenant_id) == ("provisioning.suspending.write_to_owners_of_suspended", None)
    assert suspended.words == words
    assert "unpaid" not in suspended.words
    support.post(tenant_url(ALPHA_ID, "resume/"), {"confirmed_name": "alpha"})
    with platform_scope(reason="test"):
        assert suspension_of(ALPHA_ID) is None


def test_a_suspended_organization_comes_back(support, alpha):
    support.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": "alpha"})

    support.post(tenant_url(ALPHA_ID, "resume/"), {"confirmed_name": "alpha"})

    assert _status(ALPHA_ID) == "active"
    assert [entry[0] for entry in trail()] == ["tenant.suspended", "tenant.resumed"]


def test_suspending_twice_is_refused_and_noted_once(support, alpha):
    support.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": "alpha"})

    response = support.post(tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": "alpha"})

    assert response.status_code == 409
    assert "Suspended" in text_of(response)
    assert len(trail()) == 1


def test_a_zero_byte_in_a_search_is_looked_over(admin, alpha):
    answer = admin.get("/console/tenants/?q=al%00pha")

    assert answer.status_code == 200
    assert "alpha.localhost" in text_of(answer)


def test_an_operator_leads_an_owner_back_to_the_address_on_the_platform(admin, alpha):
    with platform_scope(reason="test"):
        Domain.objects.filter(tenant_id=ALPHA_ID).update(is_primary=False)
        Domain.objects.create(tenant_id=ALPHA_ID, host="www.cleaning.example", state=DomainState.LIVE, is_primary=True)

    page = text_of(admin.post(f"{tenant_url(ALPHA_ID)}address/", follow=True))

    assert "The primary address is alpha.localhost." in page
    with platform_scope(reason="test"):
        assert Domain.objects.get(tenant_id=ALPHA_ID, is_primary=True).host == "alpha.localhost"
