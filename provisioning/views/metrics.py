"""The page that Prometheus reads, on the platform's host and from inside only."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from provisioning.metrics import metrics_text
from tenants.inside import is_from_inside


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers, for whoever asks from inside or shows METRICS_TOKEN; for others there is no such page."""
    if not (is_from_inside(request) or _has_token(request)):
        raise Http404
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}"
    given = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), expected.encode())
