"""Every address, and who may use it: without a key, with another marketplace's, with too little, with enough."""

import pytest

from tenant_apps.api.models import ApiKey
from tenant_apps.catalog.types import Approval
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.api.calls import GUEST, OWNER, TEN_TOMORROW, problem_in
from tests.api.market import BOOKING, SERVICE, booking_in, count_in, open_market, token_in

BOOK = {"service": SERVICE, "starts_at": TEN_TOMORROW, "customer": GUEST}
MOVE = {"starts_at": "2026-11-20T15:00:00Z"}
RANGE = "from=2026-11-17T00:00:00Z&to=2026-11-18T00:00:00Z"

OPEN = [
    ("get", "services", None),
    ("get", f"services/{SERVICE}", None),
    ("get", f"services/{SERVICE}/availability?{RANGE}", None),
    ("get", "openapi.json", None),
]
KEYED = [
    ("get", "bookings", None, "bookings:read"),
    ("get", f"bookings/{BOOKING}", None, "bookings:read"),
    ("post", f"bookings/{BOOKING}/cancel", {"reason": "Ill"}, "bookings:write"),
    ("post", f"bookings/{BOOKING}/reschedule", MOVE, "bookings:write"),
    ("post", f"bookings/{BOOKING}/confirm", {}, "bookings:write"),
    ("post", f"bookings/{BOOKING}/decline", {"reason": "Full"}, "bookings:write"),
]


@pytest.fixture
def market(alpha, beta):
    """Requests wait in both twins."""
    for tenant in (alpha, beta):
        open_market(tenant, approval=Approval.REQUEST)


def send(caller, case, **more):
    method, path, body = case[:3]
    return caller.get(path, **more) if method == "get" else caller.post(path, body, **more)


@pytest.mark.parametrize("case", OPEN)
def test_what_is_for_sale_needs_no_key(market, call, case):
    assert send(call, case).status_code == 200


@pytest.mark.parametrize("case", OPEN)
def test_a_key_of_any_scope_opens_what_is_open(market, call, reader, case):
    assert send(call, case, key=reader).status_code == 200


@pytest.mark.parametrize("case", [*OPEN, *[case[:3] for case in KEYED], ("post", "bookings", BOOK)])
def test_another_marketplaces_key_is_as_unknown_as_one_made_up(market, call, beta, key_of, case):
    foreign = key_of(beta, "bookings:read", "bookings:write")
    made_up = f"stoa_tenant_alpha_{'0' * 48}"

    answers = [send(call, case, key=key) for key in (foreign, made_up)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert problem_in(answers[0]) == problem_in(answers[1])
    assert problem_in(answers[0])["code"] == "key_invalid"


@pytest.mark.parametrize("case", KEYED)
def test_without_a_key_it_is_401_and_says_how(market, call, alpha, case):
    answer = send(call, case)

    assert problem_in(answer)["code"] == "key_missing"
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert booking_in(alpha).status == "pending"


@pytest.mark.parametrize("case", KEYED)
def test_with_another_scope_it_is_403_and_names_the_missing_one(market, call, alpha, key_of, case):
    scope = case[3]
    other = key_of(alpha, "services:read" if scope == "bookings:read" else "bookings:read")

    answer = send(call, case, key=other)

    assert answer.status_code == 403
    assert scope in problem_in(answer)["detail"]
    assert booking_in(alpha).status == "pending"


@pytest.mark.parametrize("case", KEYED)
@pytest.mark.usefixtures("market")
def test_with_its_scope_it_works_here_and_touches_nothing_there(call, alpha, beta, key_of, case):
    before = booking_in(beta)

    answer = send(call, case, key=key_of(alpha, case[3]))

    assert answer.status_code == 200
    after = booking_in(beta)
    assert (after.status, after.starts_at, after.sequence) == (before.status, before.starts_at, before.sequence)


def test_a_key_without_the_scope_may_not_book_where_a_guest_may(market, call, alpha, reader):
    answer = call.post("bookings", BOOK, key=reader)

    assert answer.status_code == 403
    assert count_in(alpha) == 1


def test_the_token_of_a_booking_opens_that_one_only(market, call, alpha, beta):
    own, foreign = token_in(alpha), token_in(beta)

    assert call.get(f"bookings/{BOOKING}", booking_token=own).json()["id"] == BOOKING
    assert call.get(f"bookings/{BOOKING[:-1]}z", booking_token=own).status_code == 404
    assert call.get(f"bookings/{BOOKING}", booking_token=foreign).status_code == 404
    assert call.get("bookings", booking_token=own).status_code == 401


@pytest.mark.parametrize("act", ["confirm", "decline"])
def test_a_customer_does_not_decide_about_their_own_request(market, call, alpha, act):
    answer = call.post(f"bookings/{BOOKING}/{act}", booking_token=token_in(alpha))

    assert answer.status_code == 401
    assert booking_in(alpha).status == "pending"


def test_a_customer_cancels_with_the_token(market, call, alpha, beta):
    answer = call.post(f"bookings/{BOOKING}/cancel", {"reason": "Ill"}, booking_token=token_in(alpha))

    assert answer.json()["closed_by"] == "customer"
    assert (booking_in(alpha).status, booking_in(beta).status) == ("cancelled", "pending")


def test_a_revoked_key_is_as_unknown_as_one_made_up(market, call, alpha, reader):
    from tenant_apps.api.services import revoke_key

    with tenant_scope(alpha):
        revoke_key(actor=OWNER, key_id=ApiKey.objects.get().public_id)

    answer = call.get("bookings", key=reader)

    assert problem_in(answer)["code"] == "key_invalid"


def test_an_operators_key_opens_no_marketplace(market, call):
    assert problem_in(call.get("bookings", key=f"stoa_operator_platform_{'0' * 48}"))["code"] == "key_invalid"


def test_a_good_key_of_a_plan_without_the_api_is_402_and_names_the_entitlement(market, call, alpha, reader):
    from tenants.hosts import host_cache

    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(entitlements=dict(alpha.entitlements) | {"api_access": False})
    host_cache._entries.clear()

    answer = call.get("bookings", key=reader)

    assert answer.status_code == 402
    assert problem_in(answer)["entitlement"] == "api_access"
    assert call.get("services").status_code == 200


def test_calls_beyond_the_plans_month_are_402_and_those_let_in_are_counted(market, call, alpha, reader):
    from tenants.hosts import host_cache
    from tenants.traffic.meter import meter

    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(entitlements=dict(alpha.entitlements) | {"api_calls_per_month": 2})
    host_cache._entries.clear()
    meter.reset()

    answers = [call.get("bookings", key=reader) for _time in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 402]
    assert problem_in(answers[2])["entitlement"] == "api_calls_per_month"
    # Pages without a key are nobody's calls, and go on.
    assert call.get("services").status_code == 200
    counted = {tenant_id: traffic.api_calls for (tenant_id, _began), traffic in meter.take()[0].items()}
    assert counted == {alpha.id: 2}


def test_a_key_is_kept_as_a_hash_and_its_use_is_noted(market, call, alpha, reader):
    call.get("bookings", key=reader)

    with tenant_scope(alpha):
        key = ApiKey.objects.get()
    assert reader.startswith("stoa_tenant_alpha_")
    assert reader not in str(vars(key))
    assert key.hint == reader[-4:]
    assert key.last_used_at is not None


def test_the_same_text_is_another_hash_elsewhere(alpha, beta):
    from shared_apps.rest.keys import secret_fields

    hashes = []
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            hashes.append(secret_fields("stoa_tenant_alpha_00")["secret_hash"])

    assert hashes[0] != hashes[1]
