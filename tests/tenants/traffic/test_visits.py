"""Every request of a tenant is counted once when its answer is out, however it ends; and turned away past its limits."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path

from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.traffic.gate import gate
from tenants.traffic.meter import meter
from tenants.traffic.types import NO_TRAFFIC, Traffic
from tenants.types import TenantStatus

noise = pytest.mark.proves("faults.noise")


def _broken(request):
    raise RuntimeError("a fault of ours")


def _streamed(request):
    return StreamingHttpResponse(iter((b"one", b"two", b"three")))


def _torn(request):
    def parts() -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError("torn")

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("broken", _broken),
    path("streamed", _streamed),
    path("torn", _torn),
    path("media/picture", _streamed),
    path("manage/desk", lambda request: HttpResponse("desk")),
    path("api/v1/thing", lambda request: HttpResponse("thing")),
    path("", lambda request: HttpResponse("front")),
]


@pytest.fixture(autouse=True)
def _fresh(settings) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    meter.reset()
    gate.reset()
    yield
    gate.reset()


@pytest.fixture
def clock(monkeypatch):
    """The gate's clock, set by hand."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    moved = Clock()
    monkeypatch.setattr("tenants.traffic.gate.time", moved)
    return moved


@pytest.fixture
def limited(settings, alpha, beta):
    """Limits everybody, and gives each of the twins a browser."""

    def limit(**limits: int) -> tuple[Client, Client]:
        settings.REQUEST_LIMITS = {"default": limits}
        host_cache.clear()
        return browser(alpha), browser(beta)

    return limit


def browser(tenant) -> Client:
    return Client(headers={"host": tenant.primary_host}, raise_request_exception=False)


def counted(tenant_id: UUID) -> Traffic:
    """Of this process, since the last time."""
    counts, _lost = meter.take()
    return sum((traffic for (pk, _began), traffic in counts.items() if pk == tenant_id), NO_TRAFFIC)


@pytest.mark.parametrize(
    ("address", "status", "redirects", "client_errors", "server_errors"),
    [("/", 200, 0, 0, 0), ("/nowhere", 404, 0, 1, 0), ("/broken", 500, 0, 0, 1)],
)
def test_a_request_is_counted_once_with_its_status(alpha, beta, address, status, redirects, client_errors, server_errors):
    answer = browser(alpha).get(address)

    mine = counted(alpha.id)
    assert answer.status_code == status
    assert (mine.requests, mine.redirects, mine.client_errors, mine.server_errors) == (
        1, redirects, client_errors, server_errors,
    )  # fmt: skip
    assert sum(mine.latency) == 1


def test_another_tenants_requests_and_the_platforms_are_not_counted(alpha, beta, platform_client):
    browser(beta).get("/")
    platform_client.get("/healthz")
    browser(alpha).get("/static/nothing.css")

    counts, _lost = meter.take()

    assert {pk: traffic.requests for (pk, _began), traffic in counts.items()} == {beta.id: 1}


def test_a_streamed_answer_is_counted_when_it_is_closed_and_not_before(alpha):
    answer = browser(alpha).get("/streamed")
    begun = counted(alpha.id)
    body = b"".join(answer)
    answer.close()

    assert body == b"onetwothree"
    assert (begun.requests, counted(alpha.id).requests) == (0, 1)


def test_a_streamed_answer_that_nobody_wanted_is_counted_once(alpha):
    answer = browser(alpha).get("/streamed")
    answer.close()
    answer.close()

    assert counted(alpha.id).requests == 1


def test_a_stream_that_breaks_is_an_error_of_ours(alpha):
    answer = browser(alpha).get("/torn")
    with pytest.raises(RuntimeError):
        list(answer)
    answer.close()

    mine = counted(alpha.id)
    assert (mine.requests, mine.server_errors) == (1, 1)


def test_a_suspended_marketplaces_page_is_counted_and_not_limited(limited, alpha):
    visitor, _other = limited(per_second=1, burst=1)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(status=TenantStatus.SUSPENDED)
    host_cache.clear()

    statuses = [visitor.get("/").status_code for _ in range(3)]

    assert statuses == [403, 403, 403]
    assert counted(alpha.id).client_errors == 3


def test_the_maintenance_page_is_no_error_of_ours(alpha, beta):
    visitor = browser(alpha)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=alpha.id).update(status=TenantStatus.MAINTENANCE)
    host_cache.clear()

    statuses = [visitor.get("/").status_code, browser(beta).get("/broken").status_code]

    assert statuses == [503, 500]
    counts, _lost = meter.take()
    assert {pk: traffic.server_errors for (pk, _began), traffic in counts.items()} == {beta.id: 1}


@noise
def test_the_one_too_many_is_told_when_to_come_back_and_then_let_in(limited, clock, alpha):
    visitor, _other = limited(per_second=1, burst=3)
    statuses = [visitor.get("/").status_code for _ in range(3)]

    refused = visitor.get("/")
    clock.now += int(refused.headers["Retry-After"])
    again = visitor.get("/")

    assert statuses == [200, 200, 200]
    assert (refused.status_code, refused.headers["Retry-After"], again.status_code) == (429, "1", 200)
    mine = counted(alpha.id)
    assert (mine.requests, mine.throttled, mine.client_errors) == (4, 1, 0)


@noise
def test_one_tenants_crowd_does_not_turn_another_ones_visitors_away(limited, clock, beta):
    noisy, quiet = limited(per_second=1, burst=2)
    refused = [noisy.get("/").status_code for _ in range(9)].count(429)

    answer = quiet.get("/")

    assert (refused, answer.status_code) == (7, 200)


@noise
@pytest.mark.control
def test_with_one_share_for_all_the_neighbour_is_turned_away(limited, clock, monkeypatch):
    noisy, quiet = limited(per_second=1, burst=2)
    enter, leave = gate.enter, gate.leave
    monkeypatch.setattr(gate, "enter", lambda key, limits: enter("all", limits))
    monkeypatch.setattr(gate, "leave", lambda key: leave("all"))
    for _ in range(9):
        noisy.get("/")

    answer = quiet.get("/")

    assert answer.status_code == 429


@noise
def test_the_staff_comes_in_while_the_storefront_is_full(limited, clock):
    visitor, _other = limited(per_second=2, burst=4)
    storefront = [visitor.get("/").status_code for _ in range(6)]

    desk = [visitor.get("/manage/desk").status_code for _ in range(3)]

    assert storefront == [200] * 4 + [429] * 2
    assert desk == [200, 200, 429]


def test_a_pages_pictures_come_at_the_same_moment_and_all_get_in(limited, clock):
    visitor, _other = limited(per_second=2, burst=3, at_once=1)
    open_files = [visitor.get("/media/picture") for _ in range(12)]

    too_many = visitor.get("/media/picture")
    page = visitor.get("/")

    assert {answer.status_code for answer in open_files} == {200}
    assert (too_many.status_code, page.status_code) == (429, 200)


def test_a_process_lets_in_its_part_of_what_all_may(limited, clock, settings):
    settings.WEB_PROCESSES = 4
    visitor, _other = limited(per_second=2, burst=8)
    at_once = [visitor.get("/").status_code for _ in range(3)]
    clock.now += 2.0

    later = [visitor.get("/").status_code for _ in range(2)]

    assert (at_once, later) == ([200, 200, 429], [200, 429])


@noise
def test_so_many_are_answered_at_once_and_a_stream_is_one_until_its_end(limited, alpha):
    visitor, other = limited(at_once=2)
    streams = [visitor.get("/streamed"), visitor.get("/streamed")]
    refused = visitor.get("/").status_code, other.get("/").status_code

    streams[0].close()

    assert refused == (429, 200)
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("address", ["/broken", "/nowhere"])
def test_however_an_answer_ends_its_place_is_free_again(limited, address):
    visitor, _other = limited(at_once=1)

    statuses = {visitor.get(address).status_code for _ in range(5)}

    assert 429 not in statuses


def test_who_is_turned_away_costs_no_query_and_no_session(limited, clock, alpha, django_assert_num_queries):
    visitor, _other = limited(per_second=1, burst=1)
    visitor.cookies["stoa_session"] = "whatever"
    visitor.get("/")

    with django_assert_num_queries(0):
        answer = visitor.get("/")

    assert answer.status_code == 429
    assert f"{alpha.name} is very busy" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_program_is_told_by_a_problem(limited, clock):
    visitor, _other = limited(per_second=1, burst=1)
    visitor.get("/api/v1/thing")

    answer = visitor.get("/api/v1/thing")

    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert (answer.json()["code"], answer.json()["status"], answer.headers["Retry-After"]) == ("marketplace_busy", 429, "1")


def test_htmx_leaves_the_page_as_it_is_and_says_a_word(limited, clock):
    visitor, _other = limited(per_second=1, burst=1)
    visitor.get("/")

    answer = visitor.get("/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Reswap"], answer.headers["Retry-After"]) == (429, "none", "1")
    assert "HX-Refresh" not in answer.headers


def test_a_request_that_was_let_in_costs_no_query_more(limited, django_assert_num_queries):
    visitor, _other = limited(per_second=100, burst=100, at_once=4)
    visitor.get("/")

    with django_assert_num_queries(0):
        answer = visitor.get("/")

    assert answer.status_code == 200


def test_a_marketplace_without_limits_is_never_turned_away(limited):
    visitor, _other = limited()

    statuses = {visitor.get("/").status_code for _ in range(20)}

    assert statuses == {200}
