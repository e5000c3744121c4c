"""What Prometheus reads: the right numbers, for the right ones, and no organization by a name that people know."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kernel.ids import format_public_id
from provisioning.models import Quarantine
from provisioning.types import RunKind, RunState
from tenants.scope import platform_scope
from tenants.traffic.flushing import Flusher
from tenants.traffic.meter import Meter
from tenants.traffic.slow import SlowMeter
from tenants.types import TENANT_PREFIX
from tests.console.happenings import dead_message, failed_run
from tests.factories.tenants import create_tenant

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
# As the internet comes in, by the proxy.
OUTSIDE = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def numbers(platform_client):
    """The page as a mapping: `numbers()["stoa_requests_total", "org_…", "2xx"]`."""

    def read() -> dict[tuple[str, ...], float]:
        text = platform_client.get("/metrics").text
        families = text_string_to_metric_families(text)
        return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}

    return read


@pytest.fixture
def served(monkeypatch):
    """Has requests of a tenant counted and written."""
    monkeypatch.setattr("tenants.traffic.meter.clock.now", lambda: NOON)

    def serve(tenant_id, *statuses: int, throttled: int = 0, seconds: float = 0.2) -> None:
        process = Flusher(Meter(), SlowMeter())
        for status in statuses:
            process._meter.note(tenant_id, status=status, seconds=seconds)
        for _ in range(throttled):
            process._meter.note_throttled(tenant_id)
        process.flush()

    return serve


def registered(slug: str) -> UUID:
    """Of an organization that is there: who is not is counted among those without a name."""
    return create_tenant(uuid4(), slug).pk


def test_requests_are_told_by_organization_and_status(alpha, numbers, served):
    served(alpha.id, 200, 200, 302, 404, 500, throttled=3)

    told, name = numbers(), format_public_id(TENANT_PREFIX, alpha.id)

    assert [told["stoa_requests_total", name, status] for status in ("2xx", "3xx", "4xx", "5xx")] == [2, 1, 1, 1]
    assert told["stoa_throttled_total", name] == 3
    assert told["stoa_request_seconds_bucket", "0.1", name] == 0
    assert told["stoa_request_seconds_bucket", "0.25", name] == 5
    assert told["stoa_request_seconds_bucket", "+Inf", name] == told["stoa_request_seconds_count", name] == 5
    assert told["stoa_request_seconds_sum", name] == 1


def test_past_the_number_of_names_organizations_are_told_together(numbers, served, settings):
    settings.METRICS_NAMED_TENANTS = 1
    first = registered("first")
    served(first, 200)
    for number in range(3):
        served(registered(f"next-{number}"), 200, 200)

    told = numbers()

    requests = {labels[1]: value for labels, value in told.items() if labels[0] == "stoa_requests_total" and "2xx" in labels}
    assert requests == {format_public_id(TENANT_PREFIX, first): 1, "other": 6}


def test_no_name_host_or_slug_of_an_organization_is_told(alpha, platform_client, served):
    served(alpha.id, 200)

    text = platform_client.get("/metrics").text

    assert format_public_id(TENANT_PREFIX, alpha.id) in text
    for secret in (alpha.name, alpha.slug, alpha.primary_host, alpha.schema, str(alpha.id), alpha.id.hex):
        assert secret not in text


@pytest.mark.control
def test_a_name_in_a_label_would_be_seen(alpha, platform_client, served, monkeypatch):
    monkeypatch.setattr("provisioning.metrics.format_public_id", lambda prefix, value: alpha.primary_host)
    served(alpha.id, 200)

    assert alpha.primary_host in platform_client.get("/metrics").text


def test_work_runs_pool_and_quarantine_are_told(alpha, numbers, settings):
    settings.PROVISIONING_POOL_TARGET = 7
    before = numbers()
    failed_run()
    dead_message()
    with platform_scope(reason="test"):
        Quarantine.objects.create(tenant_id=alpha.id, was_active=True, reason="a test", created_by="ann")

    told = numbers()

    created = RunKind.CREATE_ORGANIZATION.value, RunState.FAILED.value
    assert told["stoa_runs", *created] == before["stoa_runs", *created] + 1
    dead = {key for key in told if key[0] == "stoa_dead_letters" and told[key] > before[key]}
    assert len(dead) == 1
    assert told["stoa_quarantined",] == before["stoa_quarantined",] + 1
    assert told["stoa_pool_target",] == 7
    assert told["stoa_organizations", "active"] == 2
    assert 1 <= told["stoa_database_connections",] <= told["stoa_database_connections_most",]


def test_every_queue_is_told_also_an_empty_one(numbers):
    told = numbers()

    queues = {key[1] for key in told if key[0] == "stoa_jobs_waiting"}
    assert len(queues) == 18
    assert {"celery", "long", "tenants-00", "tenants-15"} <= queues
    assert told["stoa_outbox_lag_seconds",] >= 0


def test_many_organizations_cost_no_more_queries(numbers, served, django_assert_num_queries, platform_client):
    def ask() -> None:
        with django_assert_num_queries(9):  # with a savepoint, which stands for the outbox's own transaction
            platform_client.get("/metrics")

    numbers()
    ask()
    for number in range(20):
        served(registered(f"many-{number}"), 200)

    ask()


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 200),
        ("", OUTSIDE, 404),
        ("", OUTSIDE | {"Authorization": "Bearer "}, 404),
        ("s3cret", OUTSIDE | {"Authorization": "Bearer s3cret"}, 200),
        ("s3cret", OUTSIDE | {"Authorization": "Bearer s3creT"}, 404),
        ("s3cret", OUTSIDE | {"Authorization": "Basic s3cret"}, 404),
        ("s3cret", OUTSIDE, 404),
        ("s3cret", {}, 200),
    ],
)
def test_it_is_read_from_inside_or_with_the_token(platform_client, settings, token, headers, status):
    settings.METRICS_TOKEN = token

    answer = platform_client.get("/metrics", headers=headers)

    assert answer.status_code == status
    assert (b"stoa_" in answer.content) == (status == 200)


def test_a_marketplace_has_no_such_page(alpha, alpha_client):
    assert alpha_client.get("/metrics").status_code == 404


def test_reading_twice_counts_nothing_twice(alpha, numbers, served):
    served(alpha.id, 200)

    name = format_public_id(TENANT_PREFIX, alpha.id)
    told = [numbers()["stoa_requests_total", name, "2xx"] for _ in range(2)]

    assert told == [1, 1]
