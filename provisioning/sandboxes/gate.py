"""The door of a sandbox: the team and whom they gave a link to; everybody else is told what this is."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from provisioning.sandboxes.sharing import cookie_name, opens
from shared_apps.rest.permissions import HasAccess
from tenant_apps.members.middleware import actor_of
from tenants.context import TenantContext

# What somebody needs who is about to come in, and what crawlers are told.
_OPEN_NAMES: Final = frozenset({"members_enter", "members_join", "sandbox:look", "storefront_robots"})
_OPEN_PATHS: Final = ("/accounts/", "/theme-", "/themes/", "/brand/", "/csp-report/")


class SandboxGate:
    """Stands before every view of a sandbox, so that none has to ask. Behind the middleware that knows the actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_given: Any) -> HttpResponse | None:  # Any: a view, its arguments
        tenant = getattr(request, "tenant", None)
        if not isinstance(tenant, TenantContext) or not tenant.is_sandbox or _is_open(request) or _asks_for_key(view):
            return None
        if opens(request.COOKIES.get(cookie_name(), "")) or actor_of(request).can("backoffice.enter"):
            return None
        response = render(request, "provisioning/sandbox/door.html", status=HTTPStatus.FORBIDDEN)
        add_never_cache_headers(response)
        return response


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    named = match is not None and match.view_name in _OPEN_NAMES
    return named or request.path.startswith(_OPEN_PATHS)


def _asks_for_key(view: Any) -> bool:  # Any: as above
    """Whether programs are answered, each of which shows a key: in a sandbox nothing of the API is open without one."""
    return HasAccess in getattr(getattr(view, "cls", None), "permission_classes", ())
