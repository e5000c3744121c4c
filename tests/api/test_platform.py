"""The platform's API: organizations and runs, for operators' keys only."""

from __future__ import annotations

import pytest

from kernel.actor import Actor
from kernel.ids import format_public_id
from provisioning.models import Run
from provisioning.types import RunState, StepState
from shared_apps.operators.models import Operator, OperatorKey
from shared_apps.operators.services import create_operator_key, revoke_operator_key
from shared_apps.operators.types import OperatorRole
from tenants.models import ReservedName
from tenants.scope import platform_scope
from tests.api.calls import Caller, blamed, problem_in
from tests.factories.people import make_user
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import requested

SYSTEM = Actor.system("test")
ALPHA = format_public_id("org", ALPHA_ID)
ORDER = {
    "slug": "acme",
    "name": "Acme & Co",
    "owner_email": "ann@acme.example",
    "blueprint": "tutoring",
    "plan": "studio",
}


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch):
    """Nobody is at work: runs stay as they are."""
    monkeypatch.setattr("provisioning.services.ring", lambda _run: None)


@pytest.fixture
def call(platform_client) -> Caller:
    return Caller(platform_client)


@pytest.fixture
def operator(in_platform) -> Operator:
    from shared_apps.plans.services import load_default_plans

    load_default_plans()
    return Operator.objects.create(user=make_user("olive@stoa.example"), role=OperatorRole.ADMIN)


@pytest.fixture
def key_with(operator):
    def make(*scopes: str) -> str:
        wish = {"actor": SYSTEM, "email": "olive@stoa.example", "name": "Robot", "scopes": scopes}
        return create_operator_key(**wish).text

    return make


@pytest.fixture
def run(operator) -> Run:
    return requested()


def run_path(run: Run, act: str = "") -> str:
    return f"runs/{format_public_id('run', run.public_id)}{act}"


def fail(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, error="No room")
    run.steps.filter(position=0).update(state=StepState.FAILED, attempt=5, error="No room")


CASES = [
    ("get", "tenants", None, "tenants:read", 200),
    ("get", f"tenants/{ALPHA}", None, "tenants:read", 200),
    ("post", "tenants", ORDER | {"slug": "other"}, "tenants:write", 202),
    ("get", "runs", None, "runs:read", 200),
    ("get", "RUN", None, "runs:read", 200),
    ("post", "RUN/retry", {}, "runs:write", 202),
    ("post", "RUN/undo", {"confirmed_name": "acme"}, "runs:write", 202),
]


def send(call, case, run, **more):
    method, path, body = case
    path = path.replace("RUN", run_path(run))
    return call.get(path, **more) if method == "get" else call.post(path, body, **more)


@pytest.mark.parametrize("case", CASES)
def test_without_a_key_it_is_401(call, run, case):
    fail(run)

    assert problem_in(send(call, case[:3], run))["code"] == "key_missing"


@pytest.mark.parametrize("case", CASES)
def test_a_marketplaces_key_is_as_unknown_as_one_made_up(alpha, call, run, key_of, case):
    keys = [key_of(alpha, "bookings:write"), f"stoa_operator_platform_{'0' * 48}"]

    problems = [problem_in(send(call, case[:3], run, key=key)) for key in keys]

    assert problems[0] == problems[1]
    assert problems[0]["code"] == "key_invalid"


@pytest.mark.parametrize("case", CASES)
def test_another_scope_is_403_and_changes_nothing(call, run, key_with, case):
    fail(run)
    scope = case[3]
    other = key_with("runs:read" if scope.startswith("tenants") else "tenants:read")

    answer = send(call, case[:3], run, key=other)

    assert answer.status_code == 403
    assert scope in problem_in(answer)["detail"]
    assert list(Run.objects.values_list("state", flat=True)) == [RunState.FAILED]


@pytest.mark.parametrize("case", CASES)
def test_its_scope_is_enough(call, run, key_with, case):
    fail(run)

    assert send(call, case[:3], run, key=key_with(case[3])).status_code == case[4]


def test_a_key_does_no_more_than_its_operators_role_allows(call, run, key_with, operator):
    fail(run)
    key = key_with("runs:write")
    Operator.objects.update(role=OperatorRole.SUPPORT)

    assert call.post(run_path(run, "/undo"), {"confirmed_name": "acme"}, key=key).status_code == 403
    assert call.post(run_path(run, "/retry"), key=key).status_code == 202


@pytest.mark.parametrize("end", ["revoked", "dismissed", "inactive"])
def test_a_key_dies_with_its_operators_office(call, key_with, operator, end):
    key = key_with("runs:read")
    assert call.get("runs", key=key).status_code == 200

    if end == "revoked":
        revoke_operator_key(actor=SYSTEM, key_id=OperatorKey.objects.get().public_id)
    elif end == "dismissed":
        operator.delete()
    else:
        operator.user.is_active = False
        operator.user.save(update_fields=["is_active"])

    assert problem_in(call.get("runs", key=key))["code"] == "key_invalid"


def test_an_order_holds_the_name_and_is_answered_with_its_run(call, key_with):
    answer = call.post("tenants", ORDER, key=key_with("tenants:write"), idempotency_key="order-1")
    again = call.post("tenants", ORDER, key=key_with("tenants:write"), idempotency_key="order-1")

    run = Run.objects.get(public_id=ReservedName.objects.get(slug="acme").holder)
    assert answer.headers["Location"] == f"/api/v1/{run_path(run)}"
    assert (answer.json()["state"], answer.json()["slug"], answer.json()["tenant"]) == ("pending", "acme", None)
    assert [step["state"] for step in answer.json()["steps"]] == ["pending"] * 8
    # Another key is another caller.
    assert (again.status_code, problem_in(again)["code"]) == (409, "slug_taken")


def test_an_order_in_capitals_is_kept_in_the_spelling_that_is_stored_everywhere(call, key_with):
    wish = ORDER | {"slug": " ACME ", "owner_email": "Ann@Acme.Example", "brand_color": "#0F9D8A", "locale": "en-gb"}

    answer = call.post("tenants", wish, key=key_with("tenants:write"))

    assert (answer.status_code, answer.json()["slug"]) == (202, "acme")
    kept = Run.objects.get().request
    assert kept["slug"] == ReservedName.objects.get().slug == "acme"
    assert (kept["owner_email"], kept["brand_color"], kept["locale"]) == ("ann@acme.example", "#0f9d8a", "en-GB")


def test_an_order_sent_again_is_made_once(call, key_with):
    key = key_with("tenants:write")

    answers = [call.post("tenants", ORDER, key=key, idempotency_key="order-1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"slug": "admin"}, "slug_reserved", "slug"),
        ({"slug": "alpha"}, "slug_taken", "slug"),
        ({"slug": "-x-"}, "slug_malformed", "slug"),
        ({"blueprint": "circus"}, "invalid", "blueprint"),
        ({"plan": "free"}, "invalid", "plan"),
        ({"owner_email": "ann"}, "invalid", "owner_email"),
        ({"brand_color": "red"}, "invalid", "brand_color"),
        ({"locale": "en_xx_yy_zz"}, "invalid", "locale"),
        ({"currency": "euro"}, "invalid", "currency"),
        ({"currency": "XYZ"}, "invalid", "currency"),
        ({"time_zone": "Mars/Olympus"}, "invalid", "time_zone"),
        ({"sample": "brightnest"}, "invalid", "sample"),
        ({"name": ""}, "invalid", "name"),
    ],
)
def test_a_bad_order_names_its_field_and_leaves_nothing(call, key_with, change, code, field):
    answer = call.post("tenants", ORDER | change, key=key_with("tenants:write"))

    assert (problem_in(answer)["code"], blamed(answer)) == (code, [field])
    assert Run.objects.count() == 0


def test_a_name_that_looks_like_another_is_refused(call, key_with):
    key = key_with("tenants:write")
    call.post("tenants", ORDER, key=key)

    answer = call.post("tenants", ORDER | {"slug": "acrne"}, key=key)

    assert (problem_in(answer)["code"], blamed(answer)) == ("slug_look_alike", ["slug"])


def test_a_taken_name_comes_with_free_ones(call, key_with):
    answer = call.post("tenants", ORDER | {"slug": "alpha"}, key=key_with("tenants:write"))

    assert answer.status_code == 409
    assert problem_in(answer)["suggestions"]


def test_organizations_are_listed_by_slug_with_their_addresses(call, key_with):
    key = key_with("tenants:read")

    first = call.get("tenants", key=key, query={"limit": 1}).json()
    second = call.get("tenants", key=key, query={"limit": 1, "cursor": first["next_cursor"]}).json()

    assert [item["slug"] for item in first["items"] + second["items"]] == ["alpha", "beta"]
    assert first["items"][0]["id"] == ALPHA
    assert first["items"][0]["url"] == "http://alpha.localhost"
    assert call.get("tenants", key=key, query={"status": "suspended"}).json()["items"] == []


def test_runs_are_listed_newest_first_with_their_steps(call, run, key_with):
    requested("zenith")
    key = key_with("runs:read")

    items = call.get("runs", key=key).json()["items"]

    assert [item["slug"] for item in items] == ["zenith", "acme"]
    assert [len(item["steps"]) for item in items] == [8, 8]
    assert call.get("runs", key=key, query={"state": "failed"}).json()["items"] == []


def test_a_run_that_has_not_failed_is_not_tried_again(call, run, key_with):
    answer = call.post(run_path(run, "/retry"), key=key_with("runs:write"))

    assert (answer.status_code, problem_in(answer)["code"]) == (409, "run_not_ready")


def test_undoing_asks_for_the_name(call, run, key_with):
    answer = call.post(run_path(run, "/undo"), {"confirmed_name": "another"}, key=key_with("runs:write"))

    assert (answer.status_code, blamed(answer)) == (422, ["confirmed_name"])
    assert Run.objects.get().state == RunState.PENDING


@pytest.mark.parametrize("path", ["tenants/org_x", "runs/run_x", "services", f"runs/{ALPHA}", f"tenants/{ALPHA[:-1]}z"])
def test_what_is_not_there_is_404(call, key_with, path):
    assert problem_in(call.get(path, key=key_with("runs:read", "tenants:read")))["status"] == 404


def test_no_marketplace_knows_these_addresses(alpha_client, key_with):
    answer = Caller(alpha_client).get("tenants", key=key_with("tenants:read"))

    assert answer.status_code == 404
    with platform_scope(reason="test"):
        assert OperatorKey.objects.get().last_used_at is None
