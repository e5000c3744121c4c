"""Every page of both hosts is looked at by axe (tests/journeys), or it is said why not."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tests.architecture import views
from tests.architecture.views import PLATFORM, TENANT, pages
from tests.journeys.not_looked_at import NOT_IN_A_MARKETPLACE, NOT_ON_THE_PLATFORM
from tests.journeys.page_kinds import MARKET_PAGES, PLATFORM_PAGES, SANDBOX_PAGES

_IN_MARKETPLACES = [*MARKET_PAGES, *(kind for _place, kind in SANDBOX_PAGES)]
_HOSTS = {TENANT: (_IN_MARKETPLACES, NOT_IN_A_MARKETPLACE), PLATFORM: (PLATFORM_PAGES, NOT_ON_THE_PLATFORM)}


@pytest.mark.parametrize("urlconf", _HOSTS)
def test_every_page_has_a_kind_or_a_reason(urlconf):
    kinds, reasons = _HOSTS[urlconf]
    looked_at = {kind.route for kind in kinds} - {""}
    excused = {name for names in reasons.values() for name in names}

    assert pages(urlconf) == looked_at | excused, "a PageKind in tests/journeys/page_kinds.py, or a reason in not_looked_at.py"
    assert looked_at & excused == set()
    assert sum(map(len, reasons.values())) == len(excused)


def _view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def test_a_page_is_what_may_be_asked_by_get(monkeypatch):
    """Negative control: a page that is added is seen at once, whatever stands around its view."""
    patterns = [
        path("bare/", _view, name="bare"),
        path("read/", never_cache(require_safe(_view)), name="read"),
        path("form/", require_http_methods(["GET", "POST"])(_view), name="form"),
        path("act/", never_cache(require_POST(_view)), name="act"),
        path("nameless/", require_safe(_view)),
        path("api/", require_safe(_view), name="api_things"),
        path("docs/", require_safe(_view), name="api_reference"),
    ]
    monkeypatch.setattr(views, "get_resolver", lambda _urlconf: type("Resolver", (), {"url_patterns": patterns}))

    assert pages("any") == {"bare", "read", "form", "nameless/", "api_reference"}
