"""A write that is sent again with its idempotency key happens once."""

import pytest

from kernel import clock
from kernel.idempotency.models import IdempotencyRecord, RecordState
from tenants.scope import tenant_scope
from tests.api.calls import GUEST, TEN_TOMORROW, problem_in
from tests.api.market import BOOKING, SERVICE, count_in, open_market

BODY = {"service": SERVICE, "starts_at": TEN_TOMORROW, "customer": GUEST}
KEY = "5c1d2f6e-7f2b-4a43-9d0c-2c52a2f0d6f1"


@pytest.fixture(autouse=True)
def market(alpha, beta):
    for tenant in (alpha, beta):
        open_market(tenant)


def test_the_second_time_gets_the_first_answer(alpha, call):
    first = call.post("bookings", BODY, idempotency_key=KEY)
    again = call.post("bookings", BODY, idempotency_key=KEY)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert count_in(alpha) == 2


def test_without_a_key_the_second_time_is_another_request(alpha, call):
    call.post("bookings", BODY)

    assert call.post("bookings", BODY).status_code == 409


def test_a_key_used_for_another_body_is_refused(alpha, call):
    call.post("bookings", BODY, idempotency_key=KEY)

    answer = call.post("bookings", BODY | {"starts_at": "2026-11-17T14:00:00Z"}, idempotency_key=KEY)

    assert (answer.status_code, problem_in(answer)["code"]) == (409, "idempotency_key_reused")
    assert count_in(alpha) == 2


def test_while_the_first_request_runs_the_second_is_told_so(alpha, call, writer):
    call.post(f"bookings/{BOOKING}/cancel", {}, key=writer, idempotency_key=KEY)
    with tenant_scope(alpha):
        until = clock.now().replace(hour=23)
        IdempotencyRecord.objects.update(state=RecordState.STARTED, locked_until=until)

    answer = call.post(f"bookings/{BOOKING}/cancel", {}, key=writer, idempotency_key=KEY)

    assert (answer.status_code, problem_in(answer)["code"]) == (409, "idempotency_in_progress")


def test_a_refusal_is_not_kept(alpha, call):
    bad = BODY | {"customer": GUEST | {"phone": "12"}}
    assert call.post("bookings", bad, idempotency_key=KEY).status_code == 422

    assert call.post("bookings", BODY, idempotency_key=KEY).status_code == 201


def test_a_key_belongs_to_one_caller_and_one_marketplace(alpha, call, call_beta, key_of):
    keys = [key_of(alpha, "bookings:write"), key_of(alpha, "bookings:write")]
    times = ["2026-11-17T09:00:00Z", "2026-11-17T11:00:00Z"]

    answers = [
        call.post("bookings", BODY | {"starts_at": at}, key=key, idempotency_key=KEY)
        for key, at in zip(keys, times, strict=True)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert call_beta.post("bookings", BODY, idempotency_key=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "ä", "x" * 201])
def test_a_malformed_key_is_refused(alpha, call, key):
    answer = call.post("bookings", BODY, idempotency_key=key)

    assert (answer.status_code, problem_in(answer)["code"]) == (422, "idempotency_key_malformed")
    assert count_in(alpha) == 1


def test_guests_do_not_share_their_keys(alpha, call):
    first = call.post("bookings", BODY, idempotency_key=KEY)
    call.client.defaults["REMOTE_ADDR"] = "203.0.113.9"

    answer = call.post("bookings", BODY, idempotency_key=KEY)

    assert first.status_code == 201
    assert (answer.status_code, problem_in(answer)["code"]) == (409, "slot_taken")
    assert "manage_token" not in answer.text


def test_the_token_of_a_booking_makes_another_guest(alpha, call):
    made = call.post("bookings", BODY).json()
    path = f"bookings/{made['id']}/cancel"
    call.post(path, {}, idempotency_key=KEY, booking_token=made["manage_token"])

    answer = call.post(path, {}, idempotency_key=KEY, booking_token="made-up")

    assert answer.status_code == 404
    assert "customer" not in answer.text
