"""The middleware around all that needs a scope: which organization is asked, may it be served, and its scope."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.module_loading import import_string

from tenants.context import TenantContext
from tenants.errors import TenancyError
from tenants.hosts import context_for, host_cache, normalise_host
from tenants.rules_hosts import is_at_or_below
from tenants.schemas import is_served
from tenants.scope import platform_scope, tenant_scope
from tenants.traffic.visits import Visit
from tenants.types import ENDED, TenantStatus
from webui.errors import error_response
from webui.htmx import is_htmx
from webui.problems import is_api
from webui.states import State, state_response

_STATE_SHOWN: Final[Mapping[TenantStatus, State]] = {
    TenantStatus.PROVISIONING: "maintenance",
    TenantStatus.MAINTENANCE: "maintenance",
    TenantStatus.SUSPENDED: "suspended",
    TenantStatus.CLOSING: "closed",
    TenantStatus.ERASED: "closed",
}

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

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
            return _malformed_host(request)
        # Static files are the same for all: a page that says "no such marketplace", or "suspended", is drawn with them, too.
        if host in settings.PLATFORM_HOSTS or request.path.startswith(settings.STATIC_URL):
            request.tenant = None
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            return self._inside(lambda: platform_scope(reason="request"), request)
        tenant = host_cache.get(host)
        if tenant is None:
            slug, _dot, domain = host.partition(".")
            is_new = domain == settings.PLATFORM_DOMAIN and _is_being_made(slug)
            return _not_served(request, "renewing" if is_new else "unknown_host")
        visit = Visit(tenant)
        response = visit.answered(lambda: self._serve(request, tenant, host, visit))
        if tenant.is_sandbox:
            # On whatever is answered there, files and refusals included.
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        if request.is_secure() and settings.BROUGHT_HSTS_SECONDS and not is_at_or_below(host, settings.PLATFORM_DOMAIN):
            # Before Django's own middleware, which leaves a header alone that is there.
            response.headers.setdefault("Strict-Transport-Security", f"max-age={settings.BROUGHT_HSTS_SECONDS}")
        return response

    def _serve(self, request: TenantRequest, tenant: TenantContext, host: str, visit: Visit) -> HttpResponseBase:
        if host != tenant.primary_host:
            return _to_primary(request, tenant)
        if tenant.status != TenantStatus.ACTIVE:
            return _shown_instead(request, visit, tenant, _state_of(tenant))
        if not is_served(tenant):
            return _shown_instead(request, visit, tenant, "maintenance")
        if tenant.is_read_only and request.method not in _READS:
            return _not_served(request, "paused", name=tenant.name)
        wait_seconds = visit.turned_away(request.path)
        if wait_seconds is not None:
            return _turned_away(request, tenant, wait_seconds)
        request.tenant = tenant
        request.urlconf = settings.ROOT_URLCONF
        return self._inside(lambda: tenant_scope(tenant), request)

    def process_exception(self, request: TenantRequest, exception: Exception) -> HttpResponse | None:
        """The page of a marketplace that was closed while it was answering, instead of an error about missing tables."""
        tenant = getattr(request, "tenant", None)
        if tenant is None or not isinstance(exception, (TenancyError, DatabaseError)):
            return None
        now = context_for(tenant.id) or replace(tenant, status=TenantStatus.ERASED)
        if now.status not in ENDED:
            return None
        host_cache.forget(tenant.primary_host)
        with platform_scope(reason="closed meanwhile"):
            return _not_served(request, _state_of(now), name=now.name, owner_url=_owner_url(now))

    def _inside(self, scope: Callable[[], AbstractContextManager[object]], request: HttpRequest) -> HttpResponseBase:
        with scope():
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _streamed_inside(scope, iter(response.streaming_content))  # type: ignore[arg-type]  # not async, said above
        return response


def _state_of(tenant: TenantContext) -> State:
    """What is shown instead of a marketplace that is not in service."""
    shown = _STATE_SHOWN[TenantStatus(tenant.status)]
    if not tenant.is_sandbox or tenant.status in {TenantStatus.SUSPENDED, TenantStatus.MAINTENANCE}:
        return shown
    is_new = tenant.status == TenantStatus.PROVISIONING or _is_being_made(tenant.slug)
    return "renewing" if is_new else shown


def _is_being_made(slug: str) -> bool:
    is_being_made: Callable[[str], bool] = import_string(settings.SANDBOX_RENEWAL)
    return is_being_made(slug)


def _owner_url(tenant: TenantContext) -> str:
    """Where its owner reads how it stands, once signed in on the platform; nowhere when there is nothing to be read."""
    if tenant.status not in {TenantStatus.SUSPENDED, TenantStatus.CLOSING}:
        return ""
    path = reverse("entry_standing", urlconf=settings.PUBLIC_SCHEMA_URLCONF, args=[tenant.slug])
    return f"{settings.PLATFORM_URL}{path}"


def _shown_instead(request: TenantRequest, visit: Visit, tenant: TenantContext, state: State) -> HttpResponse:
    if state in {"maintenance", "renewing"}:
        visit.show_maintenance()
    return _not_served(request, state, name=tenant.name, owner_url=_owner_url(tenant))


def _to_primary(request: HttpRequest, tenant: TenantContext) -> HttpResponse:
    # With 308 a program sends its body along again; what only reads gets the answer that everybody has long known.
    is_sent_again = request.method not in {"GET", "HEAD"}
    redirect = HttpResponsePermanentRedirect(tenant.base_url + request.get_full_path(), preserve_request=is_sent_again)
    # Which name is primary can change back: two remembered redirects would send a browser round in a circle.
    redirect["Cache-Control"] = "no-store"
    return redirect


def _malformed_host(request: TenantRequest) -> HttpResponse:
    _of_nobody(request)
    return error_response(request, HTTPStatus.BAD_REQUEST)


def _not_served(request: TenantRequest, state: State, *, name: str = "", owner_url: str = "") -> HttpResponse:
    # Without a tenant and without a database: these answers must stand when nothing else does.
    _of_nobody(request)
    return state_response(request, state, name=name, platform_url=settings.PLATFORM_URL, owner_url=owner_url)


def _turned_away(request: TenantRequest, tenant: TenantContext, wait_seconds: int) -> HttpResponse:
    # A page that htmx would load anew only adds to the crowd: what somebody was doing stays as it is, with a word beside it.
    is_part = is_htmx(request) and not is_api(request)
    answer = (
        error_response(request, HTTPStatus.TOO_MANY_REQUESTS) if is_part else _not_served(request, "busy", name=tenant.name)
    )
    answer.headers["Retry-After"] = str(wait_seconds)
    return answer


def _of_nobody(request: TenantRequest) -> None:
    request.tenant = None
    request.urlconf = settings.PUBLIC_SCHEMA_URLCONF


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
