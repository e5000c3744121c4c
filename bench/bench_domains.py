"""How fast the proxy's question before a certificate is answered, against a view that asks the database `SELECT 1`."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from bench.measure import Result, in_turns, seconds
from bench.serving import gunicorn
from kernel.ids import new_id
from tenants.models import Domain
from tenants.scope import platform_scope
from tenants.types import DomainState
from tests.factories.tenants import create_tenant

_REQUESTS = 1000
_ROUNDS = 7
_HOSTS = 200
_MILLI = 1000
_P99 = 98
_CLIENTS = 4
_ASK = "/internal/tls-ask"


def select_one(_request: HttpRequest) -> HttpResponse:
    """The least that a view which asks the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse()


urlpatterns = [path("bench/", select_one), path("", include("config.urls_platform"))]


def run() -> list[Result]:
    """`domains.ask`: the 99th of a hundred questions about brought domains of many organizations.

    `domains.ask_served`: the same by gunicorn's threads, over sockets, while several ask at once.
    """
    names = [f"b{number}.acme-cleaning.com" for number in range(_HOSTS)]
    _fill(names)
    settings.PUBLIC_SCHEMA_URLCONF = __name__
    handler = WSGIHandler()
    value, baseline = in_turns(lambda: _p99(_asking(handler, names)), lambda: _p99(_bare(handler)), n=_ROUNDS)
    return [
        Result(
            "domains.ask", value, "ms p99", baseline, "lower", _ROUNDS,
            goal="<= 5 ms", note="another name each time; baseline: SELECT 1 in an ordinary view",
        ),
        _served(names),
    ]  # fmt: skip


def _served(names: list[str]) -> Result:
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder, gunicorn(Path(folder) / "web.log") as server:
        port = server.port
        asks = [f"{_ASK}?domain={name}" for name in names]
        value, baseline = in_turns(lambda: _under_load(port, asks), lambda: _under_load(port, ["/healthz"]), n=_ROUNDS)
    return Result(
        "domains.ask_served", value, "ms p99", baseline, "lower", _ROUNDS,
        goal="<= 5 ms", note=f"{_CLIENTS} at once, gunicorn's threads; baseline: /healthz of the same server",
    )  # fmt: skip


def _under_load(port: int, paths: list[str]) -> float:
    """The 99th of a hundred answers, in milliseconds, while several clients ask one question after the other."""
    with ThreadPoolExecutor(_CLIENTS) as pool:
        spans = [
            span for found in pool.map(lambda first: _spans(port, paths[first:] or paths), range(_CLIENTS)) for span in found
        ]
    return statistics.quantiles(spans, n=100)[_P99] * _MILLI


def _spans(port: int, paths: list[str]) -> list[float]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        return [seconds(lambda path=path: _get(connection, path)) for path in islice(cycle(paths), _REQUESTS // _CLIENTS)]


def _get(connection: HTTPConnection, path: str) -> None:
    connection.request("GET", path, headers={"Host": "localhost"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} was answered with {answer.status}.")


def _fill(names: list[str]) -> None:
    for number, name in enumerate(names):
        tenant = create_tenant(new_id(), f"bench-{number}")
        with platform_scope(reason="bench"):
            Domain.objects.create(tenant_id=tenant.pk, host=name, state=DomainState.LIVE)


def _bare(handler: WSGIHandler) -> Callable[[int], None]:
    def ask(_number: int) -> None:
        _send(handler, "/bench/", "")

    return ask


def _asking(handler: WSGIHandler, names: list[str]) -> Callable[[int], None]:
    def ask(number: int) -> None:
        _send(handler, _ASK, f"domain={names[number % len(names)]}")

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


def _p99(ask: Callable[[int], None]) -> float:
    spans = []
    for number in range(_REQUESTS):
        started = time.perf_counter()
        ask(number)
        spans.append(time.perf_counter() - started)
    return statistics.quantiles(spans, n=100)[_P99] * _MILLI
