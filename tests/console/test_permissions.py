"""Who may open and do what: a matrix of each page and act with each sort of person."""

import pytest
from django.test import Client

from shared_apps.billing.models import BillingAccount
from tenants.scope import platform_scope
from tests.console.happenings import dead_message, failed_run, state_of, tenant_url, trail, url_of
from tests.factories.tenants import ALPHA_ID

PAGES = [
    "/console/",
    "/console/tenants/",
    tenant_url(ALPHA_ID),
    tenant_url(ALPHA_ID, "snapshots/"),
    tenant_url(ALPHA_ID, "health/"),
    "/console/health/",
    "/console/runs/",
    "/console/fleet/",
    "/console/plans/",
    "/console/plans/studio/",
    "/console/plans/extra-provider/",
    "/console/plans/studio/moves/",
    "/console/subscriptions/",
    "/console/invoices/",
    "/console/invoices.csv",
    "/console/business/",
    "/console/business/customers/",
    "/console/business/invoices/",
    "/console/themes/",
    "/console/jobs/",
    "/console/webhooks/",
    "/console/audit/",
]


@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_is_asked_to_sign_in_and_comes_back(platform_client, url):
    response = platform_client.get(url)

    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("url", PAGES)
def test_an_owner_is_no_operator(owner, url):
    assert owner.get(url).status_code == 403


@pytest.mark.parametrize("url", PAGES)
def test_each_operator_may_look(admin, support, auditor, url):
    assert [client.get(url).status_code for client in (admin, support, auditor)] == [200, 200, 200]


@pytest.mark.parametrize("url", PAGES)
def test_a_marketplace_has_no_console(alpha_client, url):
    assert alpha_client.get(url).status_code == 404


ACTS = {
    "suspend": ({"admin": 303, "support": 303, "auditor": 403, "owner": 403, "stranger": 302}, "tenant.suspended"),
    "retry": ({"admin": 303, "support": 303, "auditor": 403, "owner": 403, "stranger": 302}, "run.retried"),
    "undo": ({"admin": 303, "support": 403, "auditor": 403, "owner": 403, "stranger": 302}, "run.undone"),
    "draft/begin": ({"admin": 303, "support": 403, "auditor": 403, "owner": 403, "stranger": 302}, "plan.draft_begun"),
    "retire": ({"admin": 303, "support": 403, "auditor": 403, "owner": 403, "stranger": 302}, "plan.retired"),
    "add-ons": ({"admin": 303, "support": 403, "auditor": 403, "owner": 403, "stranger": 302}, "plan.add_on_set"),
    "billing": ({"admin": 303, "support": 403, "auditor": 403, "owner": 403, "stranger": 302}, "billing.details_changed"),
    "cancel": ({"admin": 303, "support": 403, "auditor": 403, "owner": 403, "stranger": 302}, "outbox.cancelled"),
    "replay": ({"admin": 303, "support": 303, "auditor": 403, "owner": 403, "stranger": 302}, "outbox.replayed"),
}


@pytest.mark.parametrize("who", ["admin", "support", "auditor", "owner", "stranger"])
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_for_those_who_may_and_only_then_leaves_an_entry(request, alpha, act, who):
    client = Client(headers={"host": "localhost"}) if who == "stranger" else request.getfixturevalue(who)
    statuses, action = ACTS[act]
    url, data = _sent(act)

    response = client.post(url, data)

    assert response.status_code == statuses[who]
    assert [entry[0] for entry in trail()] == ([action] if statuses[who] == 303 else [])


def _sent(act: str) -> tuple[str, dict[str, str]]:
    match act:
        case "suspend":
            return tenant_url(ALPHA_ID, "suspend/"), {"confirmed_name": "alpha"}
        case "retry":
            return url_of(failed_run(), "retry/"), {}
        case "undo":
            return url_of(failed_run("kiln"), "undo/"), {"confirmed_name": "kiln"}
        case "draft/begin" | "retire":
            return f"/console/plans/studio/{act}/", {}
        case "add-ons" | "billing":
            return _billed(act)
        case _:
            return f"/console/jobs/{dead_message().pk}/{act}/", {}


def _billed(act: str) -> tuple[str, dict[str, str]]:
    if act == "add-ons":
        return tenant_url(ALPHA_ID, "add-ons/"), {"number_extra-provider": "1"}
    with platform_scope(reason="test"):
        BillingAccount.objects.create(tenant_id=ALPHA_ID, currency="GBP")
    details = {"name": "Acme", "contacts": "pay@acme.example", "tax_status": "none"}
    return tenant_url(ALPHA_ID, "billing/"), details


def test_undoing_wants_a_fresh_password(admin, time_machine_tomorrow):
    run = failed_run("kiln")

    response = admin.post(url_of(run, "undo/"), {"confirmed_name": "kiln"})

    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert state_of(run) == "failed"


@pytest.fixture
def time_machine_tomorrow(admin):
    """An hour after the operator signed in."""
    from datetime import timedelta

    import time_machine
    from django.utils import timezone

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        yield


@pytest.mark.parametrize("act", ["suspend/", "resume/"])
def test_an_auditor_sees_no_buttons_for_what_they_may_not_do(auditor, support, alpha, act):
    page = auditor.get(tenant_url(ALPHA_ID)).content.decode()

    assert tenant_url(ALPHA_ID, act) not in page
    assert tenant_url(ALPHA_ID, "suspend/") in support.get(tenant_url(ALPHA_ID)).content.decode()


@pytest.mark.parametrize("url", ["/console/tenants/nothing/", "/console/runs/run_x/", "/console/plans/none/"])
def test_what_is_not_there_is_not_found(admin, url):
    assert admin.get(url).status_code in {404, 422}
