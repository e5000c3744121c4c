"""What is told of requests, tasks and statements where OpenTelemetry is on: a tenant by its public id, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

import structlog
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kernel import spans
from kernel.ids import format_public_id
from kernel.statements import without_values
from tenants.context import TenantContext
from tenants.scope import current_scope
from tenants.types import TENANT_PREFIX

_FIRST_FAILURE: Final = 500
_NO_ROUTE: Final = "unknown"


def whose() -> dict[str, str]:
    """The tenant of the scope, or that it is the platform's; and the request id, by which logs are found."""
    scope = current_scope()
    found = {"stoa.scope": format_public_id(TENANT_PREFIX, scope.id) if isinstance(scope, TenantContext) else "platform"}
    if request_id := structlog.contextvars.get_contextvars().get("request_id"):
        found["stoa.request_id"] = str(request_id)
    return found


def told_as_task(name: str) -> AbstractContextManager[spans.Span]:
    """Times a task, in the scope that it works in."""
    attributes = {"messaging.system": "celery"} | whose() if spans.is_on() else None
    return spans.span(f"task {name}", kind="consumer", attributes=attributes)


class SpanMiddleware:
    """A span for each request, named after its route: never its address, which may hold names and secrets.

    Stands in MIDDLEWARE only where a collector is configured, inside of the one that gives the request its id.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        method = str(request.method)
        with spans.span(method, kind="server", attributes={"http.request.method": method}) as span:
            response = self.get_response(request)
            match = request.resolver_match
            tenant = getattr(request, "tenant", None)
            scope = format_public_id(TENANT_PREFIX, tenant.id) if isinstance(tenant, TenantContext) else "platform"
            span.note(
                http__route=match.route if match else _NO_ROUTE,
                http__response__status_code=response.status_code,
                **_noted(whose() | {"stoa.scope": scope}),
            )
            if response.status_code >= _FIRST_FAILURE:
                span.note(error__type=str(response.status_code))
            return response


def _noted(attributes: dict[str, str]) -> dict[str, str]:
    return {name.replace(".", "__"): value for name, value in attributes.items()}


@receiver(connection_created)
def watch_statements(connection: Any, **_: object) -> None:  # Any: a database wrapper, untyped upstream
    """Have the connection's statements timed, where somebody listens when it is made."""
    if spans.is_on() and _in_span not in connection.execute_wrappers:
        connection.execute_wrappers.append(_in_span)


def _in_span(
    execute: Callable[..., object],
    sql: Any,  # Any: a text, or psycopg's composition of one
    params: object,
    many: bool,  # noqa: FBT001  # Django's signature
    context: object,
) -> object:
    """Parameters are not told, nor values that stand in the text."""
    text = without_values(sql) if isinstance(sql, str) else ""
    words = text.split(maxsplit=1)
    attributes = {"db.system.name": "postgresql", "db.query.text": text, "db.operation.name": words[0] if words else ""}
    with spans.span("database", kind="client", attributes=attributes | whose()):
        return execute(sql, params, many, context)
