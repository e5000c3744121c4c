"""The language and time zone of a request: the organization's own, unless the visitor chose another language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

COOKIE = "stoa_language"


class TenantLocaleMiddleware:
    """Activates the language and zone for the time of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        tenant = getattr(request, "tenant", None)
        language = request.COOKIES.get(COOKIE) or (tenant.language if tenant else settings.LANGUAGE_CODE)
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        with translation.override(language), timezone.override(tenant.time_zone if tenant else "UTC"):
            return self.get_response(request)
