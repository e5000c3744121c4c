"""Answers the list of services again and again, with tenancy or plainly; run by bench.bench_request as two processes.

Reads a number of requests per line from standard input and writes the median of their seconds by the wall clock: round trips
count.
"""

from __future__ import annotations

import base64
import io
import os
import pickle
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from itertools import cycle, islice

import django
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from bench.measure import seconds
from tenants.context import TenantContext
from tenants.scope import current_tenant, tenant_scope

_PATH = "/services/"
_SCOPE = "tenants.middleware.ScopeMiddleware"


def main() -> None:
    mode, *texts = sys.argv[1:]
    tenants: list[TenantContext] = [pickle.loads(base64.b64decode(text)) for text in texts]  # noqa: S301  # by bench_request
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    with ExitStack() as stack:
        if mode == "plain":
            _without_tenancy(tenants[0])
        django.setup()
        if mode == "plain":
            _without_stamps()
            # The page's words come from the organization; entered once, so that no request pays for it.
            stack.enter_context(tenant_scope(tenants[0]))
        _answer([tenant.primary_host for tenant in tenants])


class OnlyOrganization:
    """Stands where the scope's middleware does: here there is one organization, and everybody knows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.tenant = current_tenant()
        return self.get_response(request)


def _without_tenancy(tenant: TenantContext) -> None:
    """Django's own backend, cache and sessions on the tenant's tables, as if there were only this one organization."""
    database = settings.DATABASES["default"]
    database["ENGINE"] = "django.db.backends.postgresql"
    standing = f"-c role={tenant.schema} -c search_path={tenant.schema},extensions"
    database["OPTIONS"] = database["OPTIONS"] | {"options": standing}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.REDIS_URL}}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    names = [name for name in settings.MIDDLEWARE if name != "tenants.tls.TlsAskMiddleware"]
    settings.MIDDLEWARE = ["bench.request_worker.OnlyOrganization" if name == _SCOPE else name for name in names]


def _without_stamps() -> None:
    from django.db import router
    from django.db.models import Model

    from tenants.stamp import ScopedModel

    router.__dict__["routers"] = []  # after start-up, where django-tenants insists on its own
    ScopedModel.from_db = classmethod(Model.from_db.__func__)  # type: ignore[method-assign]  # the point of the baseline


def _answer(hosts: list[str]) -> None:
    from django.core.handlers.wsgi import WSGIHandler

    handler = WSGIHandler()
    for line in sys.stdin:
        # In turns: a connection that has answered one organization has to move for the next.
        spans = [seconds(lambda host=host: _ask(handler, host)) for host in islice(cycle(hosts), int(line))]
        print(statistics.median(spans), flush=True)


def _ask(handler: Callable[..., HttpResponseBase], host: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": _PATH, "QUERY_STRING": "", "SERVER_NAME": host, "SERVER_PORT": "80",
        "HTTP_HOST": host, "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "wsgi.version": (1, 0),
    }  # fmt: skip
    statuses: list[str] = []
    response = handler(environ, lambda status, _headers: statuses.append(status))
    body = b"".join(response)
    response.close()
    assert statuses[0].startswith(str(HTTPStatus.OK.value)), (host, statuses)
    assert b"Service 1" in body, body[:500]


if __name__ == "__main__":
    main()
