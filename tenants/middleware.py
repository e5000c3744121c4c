"""The outermost middleware: which organization is asked, may it be served, and the scope around everything else."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from tenants.context import TenantContext
from tenants.hosts import host_cache, normalise_host
from tenants.schemas import is_supported
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus

_PAGE_OF_STATE = {
    TenantStatus.PROVISIONING: ("errors/maintenance.html", HTTPStatus.SERVICE_UNAVAILABLE),
    TenantStatus.MAINTENANCE: ("errors/maintenance.html", HTTPStatus.SERVICE_UNAVAILABLE),
    TenantStatus.SUSPENDED: ("errors/suspended.html", HTTPStatus.FORBIDDEN),
    TenantStatus.CLOSING: ("errors/closed.html", HTTPStatus.GONE),
    TenantStatus.ERASED: ("errors/closed.html", HTTPStatus.GONE),
}

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TenantRequest(HttpRequest):
    """A request behind this middleware. `tenant` is None on the platform's own host."""

    tenant: TenantContext | None
    urlconf: str


class ScopeMiddleware:
    """Sets `request.tenant` and `request.urlconf`, and runs the rest of the request inside the scope."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: TenantRequest) -> HttpResponseBase:
        try:
            host = normalise_host(request.get_host())
        except DisallowedHost:
            return self._platform_page(request, "errors/400.html", HTTPStatus.BAD_REQUEST)
        # Static files are the same for all: a page that says "no such marketplace", or "suspended", is drawn with them, too.
        if host in settings.PLATFORM_HOSTS or request.path.startswith(settings.STATIC_URL):
            request.tenant = None
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            return self._inside(lambda: platform_scope(reason="request"), request)
        tenant = host_cache.get(host)
        if tenant is None:
            return self._platform_page(request, "errors/unknown_host.html", HTTPStatus.NOT_FOUND, host=host)
        return self._serve(request, tenant, host)

    def _serve(self, request: TenantRequest, tenant: TenantContext, host: str) -> HttpResponseBase:
        if host != tenant.primary_host:
            redirect = HttpResponsePermanentRedirect(tenant.base_url + request.get_full_path())
            # Which name is the main one can change back: two remembered redirects would send a browser round in a circle.
            redirect["Cache-Control"] = "no-store"
            return redirect
        if tenant.status != TenantStatus.ACTIVE:
            template, status = _PAGE_OF_STATE[TenantStatus(tenant.status)]
            return self._platform_page(request, template, status, name=tenant.name)
        if not is_supported(tenant.schema_version):
            return self._platform_page(request, "errors/maintenance.html", HTTPStatus.SERVICE_UNAVAILABLE, name=tenant.name)
        request.tenant = tenant
        request.urlconf = settings.ROOT_URLCONF
        return self._inside(lambda: tenant_scope(tenant), request)

    def _inside(self, scope: Callable[[], AbstractContextManager[object]], request: HttpRequest) -> HttpResponseBase:
        with scope():
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _streamed_inside(scope, iter(response.streaming_content))  # type: ignore[arg-type]  # not async, said above
        return response

    def _platform_page(self, request: TenantRequest, template: str, status: HTTPStatus, **context: str) -> HttpResponse:
        # Without a tenant and without a database: these pages must stand when nothing else does.
        request.tenant = None
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        response = render(request, template, context, status=status)
        response["Cache-Control"] = "no-store"
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            response["Retry-After"] = "30"
        return response


def _streamed_inside(scope: Callable[[], AbstractContextManager[object]], parts: Iterable[bytes]) -> Generator[bytes]:
    """The parts of a streamed answer, each made inside the scope: the server asks for them after the middleware left."""
    iterator = iter(parts)
    while True:
        with scope():
            try:
                part = next(iterator)
            except StopIteration:
                return
        yield part
