"""The platform's front page, and the looks of the marketplaces it shows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from kernel import clock
from shared_apps.site.rules import color_samples
from shared_apps.site.selectors import price_list, stalls, stalls_css, stalls_digest

_FOREVER = 31_536_000


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """What Stoa is, three marketplaces that stand, and where to start."""
    shown = stalls()
    asked = request.GET
    prices = price_list(
        currency=asked.get("currency", ""),
        interval=asked.get("interval", ""),
        languages=request.headers.get("Accept-Language", ""),
        today=clock.now().date(),
    )
    context = {
        "stalls": shown,
        "stalls_url": reverse("site_stalls_css", args=[stalls_digest(shown)]),
        "prices": prices,
        "colors": color_samples(),
    }
    response = render(request, "site/front.html", context)
    # The currency is that of the visitor's country.
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def stalls_stylesheet(request: HttpRequest, digest: str) -> HttpResponse:
    """The looks of the marketplaces on the front page. An address that is not (or no more) theirs is answered, but not kept."""
    del request
    shown = stalls()
    response = HttpResponse(stalls_css(shown), content_type="text/css; charset=utf-8")
    if digest == stalls_digest(shown):
        patch_cache_control(response, public=True, max_age=_FOREVER, immutable=True)
    else:
        patch_cache_control(response, no_store=True)
    return response
