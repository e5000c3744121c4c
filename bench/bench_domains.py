"""How fast the proxy's question before a certificate is answered, against a view that asks the database `SELECT 1`."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bench.measure import Result, in_turns
from tenants.hosts import host_cache
from tenants.models import Domain
from tenants.scope import platform_scope
from tenants.types import DomainState
from tests.factories.tenants import ALPHA_ID

_REQUESTS = 400
_ROUNDS = 7
_HOSTS = 200
_MILLI = 1000
_P99 = 98


def select_one(_request: HttpRequest) -> HttpResponse:
    """The least that a view which asks the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse()


urlpatterns = [path("bench/", select_one), path("", include("config.urls_platform"))]


def run() -> list[Result]:
    """`domains.ask` (names in the host cache) and `domains.ask_cold` (every name asked for the first time), p99 each."""
    names = [f"b{number}.acme-cleaning.com" for number in range(_HOSTS)]
    with platform_scope(reason="bench"):
        Domain.objects.bulk_create(Domain(tenant_id=ALPHA_ID, host=name, state=DomainState.LIVE) for name in names)
    settings.PUBLIC_SCHEMA_URLCONF = __name__
    handler = WSGIHandler()
    bare = _bare(handler)
    warm = in_turns(lambda: _p99(_asking(handler, names)), lambda: _p99(bare), n=_ROUNDS)
    cold = in_turns(lambda: _p99(_asking(handler, names), before=host_cache._entries.clear), lambda: _p99(bare), n=_ROUNDS)  # noqa: SLF001
    return [
        Result(name, value, "ms p99", baseline, "lower", _ROUNDS, goal="<= 5 ms", note=note)
        for name, (value, baseline), note in (
            ("domains.ask", warm, "through all middleware, name in the cache; baseline: a view with SELECT 1"),
            ("domains.ask_cold", cold, "every name asked for the first time"),
        )
    ]


def _bare(handler: WSGIHandler) -> Callable[[int], None]:
    def ask(_number: int) -> None:
        _send(handler, "/bench/", "")

    return ask


def _asking(handler: WSGIHandler, names: list[str]) -> Callable[[int], None]:
    def ask(number: int) -> None:
        _send(handler, "/internal/tls-ask", f"domain={names[number % len(names)]}")

    return ask


def _send(handler: WSGIHandler, where: str, query: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": where, "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "8000",
        "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "wsgi.version": (1, 0),
    }  # fmt: skip
    statuses: list[str] = []
    response = handler(environ, lambda status, _headers: statuses.append(status))
    response.close()
    assert statuses[0].startswith(str(HTTPStatus.OK.value)), (where, query, statuses)


def _p99(ask: Callable[[int], None], *, before: Callable[[], None] | None = None) -> float:
    if before is not None:
        before()
    spans = []
    for number in range(_REQUESTS if before is None else _HOSTS):
        started = time.perf_counter()
        ask(number)
        spans.append(time.perf_counter() - started)
    return statistics.quantiles(spans, n=100)[_P99] * _MILLI
