"""Domains by the platform's API."""

from __future__ import annotations

import pytest

from kernel.ids import format_public_id
from shared_apps.audit.models import AuditEntry
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from shared_apps.operators.models import Operator
from shared_apps.operators.services import create_operator_key
from shared_apps.operators.types import OperatorRole
from tenants.models import Tenant
from tests.api.calls import Caller, blamed, problem_in
from tests.api.test_platform import SYSTEM
from tests.domains.conftest import entitle
from tests.factories.people import make_user
from tests.factories.tenants import ALPHA_ID, BETA_ID

HOST = "book.acme-cleaning.com"
ALPHA, BETA = (format_public_id("org", tenant_id) for tenant_id in (ALPHA_ID, BETA_ID))
DOMAINS = f"tenants/{ALPHA}/domains"


pytestmark = pytest.mark.usefixtures("dns")


@pytest.fixture
def call(platform_client) -> Caller:
    return Caller(platform_client)


@pytest.fixture
def operator(in_platform) -> Operator:
    entitle()
    return Operator.objects.create(user=make_user("olive@stoa.example"), role=OperatorRole.ADMIN)


@pytest.fixture
def key_with(operator):
    def make(*scopes: str) -> str:
        return create_operator_key(actor=SYSTEM, email="olive@stoa.example", name="Robot", scopes=scopes).text

    return make


@pytest.fixture
def key(key_with) -> str:
    return key_with("domains:read", "domains:write")


@pytest.fixture
def made(call, key) -> dict:
    return call.post(DOMAINS, {"host": HOST}, key=key).json()


def test_a_claim_is_answered_with_the_records_to_set(call, key):
    answer = call.post(DOMAINS, {"host": HOST.upper()}, key=key)

    domain = CustomDomain.objects.get()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/{DOMAINS}/{domain.outside_id}"
    assert answer.json()["records"] == [
        {"kind": "TXT", "name": f"_stoa-challenge.{HOST}", "value": f"stoa-verify={domain.token}"},
        {"kind": "CNAME", "name": HOST, "value": "localhost"},
    ]
    assert (answer.json()["state"], answer.json()["is_primary"], answer.json()["findings"]) == ("claimed", False, [])
    assert (
        AuditEntry.objects.filter(action="domain.claimed", actor_kind="operator", tenant_id=ALPHA_ID, target=HOST).count() == 1
    )


def test_a_claim_sent_again_is_one_attempt_and_its_answer_says_that_it_is_a_replay(call, key):
    answers = [call.post(DOMAINS, {"host": HOST}, key=key, idempotency_key="claim-1") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert CustomDomain.objects.count() == 1


def test_the_way_from_proof_to_release(call, key, made, dns):
    path = f"{DOMAINS}/{made['id']}"
    dns.set(f"_stoa-challenge.{HOST}", "TXT", made["records"][0]["value"])

    verified = call.post(f"{path}/verify", key=key)
    too_early = call.post(f"{path}/primary", key=key)
    misspelt = call.post(f"{path}/release", {"confirmed_name": "alpha"}, key=key)
    released = call.post(f"{path}/release", {"confirmed_name": HOST}, key=key)

    assert verified.json()["state"] == "verified"
    assert {line["aspect"]: line["kind"] for line in verified.json()["findings"]} == {"proof": "ok", "address": "bad"}
    assert (too_early.status_code, problem_in(too_early)["code"]) == (409, "domain_not_served")
    assert (misspelt.status_code, blamed(misspelt)) == (422, ["confirmed_name"])
    assert (released.json()["state"], released.json()["release_reason"]) == ("released", "operator")
    assert call.get(DOMAINS, key=key).json() == {"items": []}
    assert call.get(path, key=key).json()["state"] == "released"


def test_a_domain_that_leads_here_becomes_the_main_address(call, key, made):
    CustomDomain.objects.update(state=ClaimState.LIVE)
    Tenant.objects.get(pk=ALPHA_ID).domains.create(host=HOST, state="live")

    answer = call.post(f"{DOMAINS}/{made['id']}/primary", key=key)

    assert answer.json()["is_primary"] is True
    assert call.get(f"tenants/{ALPHA}", key=key_for_tenants(answer)).json()["url"] == f"http://{HOST}"


def key_for_tenants(_answer) -> str:
    return create_operator_key(actor=SYSTEM, email="olive@stoa.example", name="Two", scopes=("tenants:read",)).text


@pytest.mark.parametrize(
    ("host", "status", "code"),
    [
        ("203.0.113.7", 422, "host_malformed"),
        ("acme.test", 422, "host_reserved"),
        ("alpha.localhost", 422, "host_reserved"),
        ("co.uk", 422, "host_public_suffix"),
        ("аcme-cleaning.com", 409, "host_look_alike"),
    ],
)
def test_a_name_that_cannot_be_had_is_a_problem_that_blames_it(call, key, host, status, code):
    answer = call.post(DOMAINS, {"host": host}, key=key)

    assert (answer.status_code, problem_in(answer)["code"], blamed(answer)) == (status, code, ["host"])
    assert CustomDomain.objects.count() == 0


def test_a_domain_that_is_somebodys_is_a_conflict(call, key, made):
    CustomDomain.objects.update(state=ClaimState.LIVE)
    Tenant.objects.get(pk=ALPHA_ID).domains.create(host=HOST, state="live")

    answer = call.post(f"tenants/{BETA}/domains", {"host": HOST}, key=key)

    assert (answer.status_code, problem_in(answer)["code"]) == (409, "host_taken")
    assert CustomDomain.objects.count() == 1


def test_a_plan_without_domains_is_402_with_the_entitlement(call, key):
    Tenant.objects.filter(pk=ALPHA_ID).update(entitlements={})

    problem = problem_in(call.post(DOMAINS, {"host": HOST}, key=key))

    assert (problem["status"], problem["code"], problem["entitlement"]) == (402, "not_in_plan", "custom_domain")


@pytest.mark.parametrize("act", ["", "/verify", "/primary", "/release"])
def test_another_organizations_domain_is_not_found(call, key, made, act):
    path = f"tenants/{BETA}/domains/{made['id']}{act}"

    answer = call.post(path, {"confirmed_name": HOST} if act == "/release" else {}, key=key) if act else call.get(path, key=key)

    assert answer.status_code == 404
    assert CustomDomain.objects.get().state == ClaimState.CLAIMED


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", ""), ("get", "/ID"), ("post", "/ID/verify"), ("post", "/ID/primary"), ("post", "/ID/release")],
)
def test_reading_and_writing_have_scopes_of_their_own(call, key_with, made, method, path):
    other = key_with("domains:read" if method == "post" else "tenants:read")
    target = DOMAINS + path.replace("ID", made["id"])

    assert getattr(call, method)(target).status_code == 401
    assert getattr(call, method)(target, key=other).status_code == 403
