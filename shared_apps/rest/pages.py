"""The description of an API, for programs (`openapi.json`) and for people (`docs`); each host mounts its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import Conflict, DomainError, Invalid, NotFound, PermissionDenied, PlanLimit, Throttled
from kernel.idempotency.errors import KeyInProgress, KeyMalformed, KeyReused
from shared_apps.rest.openapi import describe, described_at
from shared_apps.rest.reference import operations_of, problems_of
from shared_apps.rest.types import OPEN, Access
from shared_apps.rest.views import ApiView
from tenants.context import TenantContext
from tenants.scope import current_scope
from webui import states

COMMON_PROBLEMS: Sequence[type[DomainError]] = (
    Invalid,
    NotFound,
    PermissionDenied,
    PlanLimit,
    Conflict,
    Throttled,
    KeyMalformed,
    KeyReused,
    KeyInProgress,
    *states.PROBLEMS,
)


class OpenApiView(ApiView):
    """The OpenAPI 3.1 document."""

    access: ClassVar[Mapping[str, Access]] = {"GET": OPEN}
    schema = None  # type: ignore[assignment]  # DRF's own way to leave a view out of the description
    urlconf: str = ""
    title: str = ""

    def get(self, request: Request) -> Response:
        """Give the document out; it changes with a release only."""
        del request
        document = described_at(_base_url(), describe(self.urlconf, self.title))
        return Response(document, headers={"Cache-Control": "public, max-age=300"})


class ReferenceView(View):
    """The same for people, in the look of the host."""

    urlconf: str = ""
    title: str = ""
    layout: str = ""
    scopes: Mapping[str, Any] = {}  # Any: only the names are shown
    problems: Sequence[type[DomainError]] = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Draw the page; no query."""
        context = {
            "layout": self.layout,
            "title": _("API reference"),
            "base_url": _base_url(),
            "operations": operations_of(describe(self.urlconf, self.title)),
            "problems": problems_of([*COMMON_PROBLEMS, *self.problems]),
            "scopes": sorted(self.scopes),
        }
        return render(request, "rest/reference.html", context)


def _base_url() -> str:
    scope = current_scope()
    return scope.base_url if isinstance(scope, TenantContext) else settings.PLATFORM_URL
