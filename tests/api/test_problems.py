"""The form of every kind of no."""

import pytest

from tenant_apps.api.views import services as service_views
from tenants import rates
from tenants.rates import Rate
from tests.api.calls import GUEST, TEN_TOMORROW, problem_in
from tests.api.market import BOOKING, SERVICE, open_market


def test_a_document_in_full(alpha, call):
    answer = call.get("nowhere")

    assert answer.json() == {
        "type": "/api/v1/docs#problem-not_found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "code": "not_found",
        "errors": [],
    }
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["", "nowhere", "services/", f"services/{SERVICE}", "services/x%00y", f"services/{BOOKING}"])
def test_what_is_not_there_is_404(alpha, call, path):
    answer = call.get(path)

    assert (answer.status_code, problem_in(answer)["errors"]) == (404, [])


def test_a_method_that_is_not_there_is_405_with_what_is(alpha, call):
    answer = call.client.delete("/api/v1/services", headers={})

    assert (answer.status_code, problem_in(answer)["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


def test_a_description_by_options_is_not_given(alpha, call):
    assert problem_in(call.client.options("/api/v1/bookings"))["code"] == "method_not_allowed"


def test_only_json_is_given_out(alpha, call):
    answer = call.get("services", accept="text/xml")

    assert (answer.status_code, problem_in(answer)["code"]) == (406, "not_acceptable")


def test_only_json_is_taken_in(alpha, call):
    answer = call.client.post("/api/v1/bookings", "a=b", content_type="application/x-www-form-urlencoded")

    assert (answer.status_code, problem_in(answer)["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("text", ["{", "", "[1", '{"a": NaN}', "\xff"])
def test_what_is_no_json_is_400_or_names_what_is_missing(alpha, call, text):
    answer = call.client.post("/api/v1/bookings", text.encode("latin-1"), content_type="application/json")

    assert problem_in(answer)["code"] in {"malformed", "invalid"}


@pytest.mark.parametrize("body", [[], "text", 1, None])
def test_json_that_is_no_object_is_refused(alpha, call, body):
    answer = call.post("bookings", body if body is not None else [None])

    assert answer.status_code == 422


def test_our_own_mistake_is_500_and_tells_nothing(alpha, call, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(service_views, "listed_services", broken)

    answer = call.get("services")

    assert (answer.status_code, problem_in(answer)["code"]) == (500, "server_error")
    assert "secret" not in answer.text


def test_too_many_requests_are_429_and_say_when_to_come_back(alpha, call, call_beta, monkeypatch):
    monkeypatch.setattr("shared_apps.rest.views.ADDRESS_RATE", Rate("address", 2, 60))

    answers = [call.get("services") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert problem_in(answers[2])["code"] == "throttled"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert call_beta.get("services").status_code == 200


def test_a_key_has_its_own_measure(alpha, call, reader, key_of, monkeypatch):
    monkeypatch.setattr("tenant_apps.api.views.base._LEAST", 2)

    statuses = [call.get("services", key=reader).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert call.get("services", key=key_of(alpha, "bookings:read")).status_code == 200
    assert call.get("services").status_code == 200


def test_who_tries_many_bad_keys_is_told_to_wait_before_any_is_looked_at(
    alpha, call, reader, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("shared_apps.rest.authentication.REFUSED_RATE", Rate("refused", 2, 60))
    for _ in range(2):
        assert call.get("services", key="bad").status_code == 401

    with django_assert_num_queries(0):
        assert call.get("services", key=reader).status_code == 429


def test_a_guest_books_only_so_often(alpha, call, monkeypatch):
    open_market(alpha)
    monkeypatch.setattr("tenant_apps.bookings.services.rates.BOOKINGS", Rate("guest-bookings", 1, 600))
    body = {"service": SERVICE, "starts_at": TEN_TOMORROW, "customer": GUEST}
    assert call.post("bookings", body).status_code == 201

    answer = call.post("bookings", body | {"starts_at": "2026-11-17T13:00:00Z"})

    assert problem_in(answer)["code"] == "throttled"


def test_without_redis_nobody_is_refused(alpha, call, monkeypatch):
    from redis.exceptions import ConnectionError as Gone

    class Away:
        def __getattr__(self, name):
            raise Gone("away")

    monkeypatch.setattr(rates, "cache", Away())

    assert call.get("services").status_code == 200
