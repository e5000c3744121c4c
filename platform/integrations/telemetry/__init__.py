"""OpenTelemetry, switched on by an address: without one nothing of it is imported (requirements/otel.in)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kernel import spans

_MISSING: Final = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed. Install requirements/otel.txt beside "
    "requirements/base.txt, or take the variable away."
)
_stop: Callable[[], None] | None = None


def start_telemetry(process: str) -> None:
    """Send what this process does to the collector at OTEL_EXPORTER_OTLP_ENDPOINT; nothing where that is empty.

    After a fork, never before: its thread would stay behind. `process` is web, worker, live or sweeper.

    Raises:
        ImproperlyConfigured: there is an address, and the packages are not installed.
    """
    global _stop  # noqa: PLW0603  # one for the process
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT or _stop is not None:
        return
    require_packages()
    from integrations.telemetry.otlp import Exporting  # the only place that needs the packages

    exporting = Exporting(settings.OTEL_EXPORTER_OTLP_ENDPOINT, process)
    spans.install(exporting)
    _stop = exporting.stop


def stop_telemetry() -> None:
    """Send what is left, and listen no more."""
    global _stop  # as above
    stop, _stop = _stop, None
    spans.install(None)
    if stop is not None:
        stop()


def require_packages() -> None:
    """Refuse to go on where the collector's address is set and the packages are missing: silence would look like health.

    Raises:
        ImproperlyConfigured: as it says.
    """
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.trace  # noqa: F401  # whether it is there
    except ImportError as error:
        raise ImproperlyConfigured(_MISSING) from error
