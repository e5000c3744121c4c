"""Traces reach a collector by OTLP over HTTP: of requests, tasks, statements and calls, without names, values or secrets."""

import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from celery import shared_task
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from integrations import telemetry
from kernel import spans
from kernel.http_client.client import HttpClient
from kernel.ids import format_public_id
from ops.local.home import ROOT
from tenants import spans as tenant_spans
from tenants.scope import tenant_scope
from tenants.tasks import HEADER
from tests.factories.tenants import ALPHA_ID

ALPHA = format_public_id("org", ALPHA_ID)
SECRET = "squeamish-ossifrage"


class Collector:
    """What a collector was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        received = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/v1/traces":
                    received.append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Not into the test's output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def resources(self) -> list[ResourceSpans]:
        """All that has come, once the process has said that it sent everything."""
        telemetry.stop_telemetry()
        return [part for body in self.bodies for part in ExportTraceServiceRequest.FromString(body).resource_spans]

    def spans(self, kind: int) -> list[Span]:
        found = [span for part in self.resources() for scope in part.scope_spans for span in scope.spans]
        return sorted((span for span in found if span.kind == kind), key=lambda span: span.start_time_unix_nano)


def told(span) -> dict[str, object]:
    """Attributes by name."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


@pytest.fixture(autouse=True)
def _own_wrappers(db) -> Generator[None]:
    """The connection outlives the test; what is wrapped around its statements does not."""
    kept = list(connection.execute_wrappers)
    connection.execute_wrappers.clear()
    yield
    connection.execute_wrappers[:] = kept


@pytest.fixture
def collector(settings) -> Generator[Collector]:
    """A collector on loopback, to which this process sends as the pages' do."""
    receiver = Collector()
    thread = threading.Thread(target=receiver.server.serve_forever)  # the collector's own
    thread.start()
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.url
    settings.MIDDLEWARE = [
        "django_structlog.middlewares.RequestMiddleware",
        "tenants.spans.SpanMiddleware",
        *settings.MIDDLEWARE[2:],
    ]
    telemetry.start_telemetry("web")
    yield receiver
    telemetry.stop_telemetry()
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def test_a_request_is_told_by_its_route_tenant_status_and_request_id(collector, alpha_client):
    response = alpha_client.get(f"/services/?q={SECRET}", headers={"x-request-id": "request-0001"})

    (span,) = collector.spans(Span.SPAN_KIND_SERVER)
    assert response.status_code == 200
    assert span.name == "GET"
    assert told(span) == {
        "http.request.method": "GET",
        "http.route": "services/",
        "http.response.status_code": 200,
        "stoa.scope": ALPHA,
        "stoa.request_id": "request-0001",
    }


def test_the_process_and_the_service_are_told(collector, alpha_client):
    alpha_client.get("/healthz")

    (resource,) = collector.resources()
    assert {"service.name": "stoa", "stoa.process": "web"}.items() <= told(resource.resource).items()


def test_statements_are_told_without_parameters_or_values_within_what_asked_for_them(collector, alpha):
    tenant_spans.watch_statements(connection)
    with tenant_scope(alpha), spans.span("asking"), connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::text, '{SECRET}', 4711", [SECRET])

    (asking,) = collector.spans(Span.SPAN_KIND_INTERNAL)
    statements = [span for span in collector.spans(Span.SPAN_KIND_CLIENT) if span.parent_span_id == asking.span_id]
    assert [told(span)["db.query.text"] for span in statements] == ["SELECT %s::text, ?, ?"]
    assert told(statements[0])["stoa.scope"] == ALPHA


def test_a_task_is_told_with_its_tenant_and_fails_by_the_class_of_its_error_alone(collector, alpha):
    @shared_task(name="tests.fail")
    def fail() -> None:
        raise ValueError(SECRET)

    with pytest.raises(ValueError, match=SECRET):
        fail.apply(headers={HEADER: str(ALPHA_ID)}, throw=True)

    (span,) = collector.spans(Span.SPAN_KIND_CONSUMER)
    assert span.name == "task tests.fail"
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert {"error.type": "ValueError", "stoa.scope": ALPHA}.items() <= told(span).items()


def test_a_call_to_the_outside_is_told_by_its_host_alone(collector):
    place = collector.url.removeprefix("http://")
    with HttpClient(allow_private=[place]) as client:
        client.request("POST", f"{collector.url}/elsewhere?key={SECRET}", content=b"")

    (span,) = collector.spans(Span.SPAN_KIND_CLIENT)
    assert told(span) == {"http.request.method": "POST", "server.address": "127.0.0.1", "http.response.status_code": 200}


def test_no_name_host_or_secret_leaves_the_house(collector, alpha, alpha_client):
    tenant_spans.watch_statements(connection)
    alpha_client.get(f"/services/?token={SECRET}", headers={"authorization": f"Bearer {SECRET}"})

    collector.resources()
    sent = b"".join(collector.bodies)
    assert ALPHA.encode() in sent
    for secret in (SECRET, alpha.name, alpha.primary_host, alpha.schema, str(alpha.id)):
        assert secret.encode() not in sent


@pytest.mark.control
def test_a_name_in_an_attribute_would_be_seen(collector, alpha, alpha_client, monkeypatch):
    monkeypatch.setattr(tenant_spans, "format_public_id", lambda _prefix, _value: alpha.primary_host)

    alpha_client.get("/services/")

    collector.resources()
    assert alpha.primary_host.encode() in b"".join(collector.bodies)


def test_without_an_address_nothing_is_told_and_nothing_is_wrapped(settings, alpha):
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = ""
    telemetry.start_telemetry("web")
    tenant_spans.watch_statements(connection)

    assert not spans.is_on()
    assert connection.execute_wrappers == []
    assert spans.span("one") is spans.span("other")


def test_a_process_without_an_address_loads_neither_the_sdk_nor_the_exporter():
    program = (
        "import sys, django; django.setup(); from integrations.telemetry import start_telemetry; start_telemetry('web');"
        "from django.conf import settings;"
        "ours = ('integrations.telemetry.otlp', 'opentelemetry.sdk.trace', 'opentelemetry.exporter');"
        "print([name for name in ours if name in sys.modules], 'SpanMiddleware' in str(settings.MIDDLEWARE))"
    )
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": "postgresql://none",
        "REDIS_URL": "redis://none",
    }

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == "[] False", done.stderr


def test_without_the_packages_an_address_is_a_clear_error(settings, monkeypatch):
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:9"
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(ImproperlyConfigured, match=r"requirements/otel\.txt"):
        telemetry.start_telemetry("web")

    assert not spans.is_on()
