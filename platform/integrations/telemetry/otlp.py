"""Spans to a collector by OTLP over HTTP, in batches from a thread of the SDK's own."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, Status, StatusCode

from kernel.spans import Attributes

_KINDS: Final = {
    "server": SpanKind.SERVER,
    "consumer": SpanKind.CONSUMER,
    "client": SpanKind.CLIENT,
    "internal": SpanKind.INTERNAL,
}
_TIMEOUT_SECONDS: Final = 5


class _Noting:
    """A span of OpenTelemetry's as `kernel.spans` has it."""

    __slots__ = ("_span",)

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def note(self, **attributes: str | int | bool) -> None:
        for name, value in attributes.items():
            self._span.set_attribute(name.replace("__", "."), value)


class Exporting:
    """The process' tracer. It registers nothing globally, so that stopping it leaves no trace."""

    def __init__(self, endpoint: str, process: str) -> None:
        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come on top, as with everything that speaks OTLP.
        ours = Resource.create({"service.name": "stoa", "stoa.process": process})
        resource = ours.merge(OTELResourceDetector().detect())
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_TIMEOUT_SECONDS)
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=True)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("stoa")

    @contextmanager
    def span(self, name: str, kind: str, attributes: Attributes) -> Generator[_Noting]:
        """Times the block. An exception's text may hold what people typed; its class does not."""
        with self._tracer.start_as_current_span(
            name, kind=_KINDS[kind], attributes=dict(attributes), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield _Noting(span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def stop(self) -> None:
        """Send what is left and end the thread."""
        self._provider.shutdown()
