"""Django's error handlers (`handler404` and so on in a URLconf), and what answers when a form's token is missing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from webui.errors import error_response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For `handler400`."""
    del exception  # its text is for the log: it may hold what a stranger typed
    return error_response(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For `handler403`."""
    del exception  # as above
    return error_response(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For `handler404`."""
    del exception  # Django's own text lists URL patterns
    return error_response(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """For `handler500`; touches neither database nor session."""
    return error_response(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For `CSRF_FAILURE_VIEW`."""
    del reason  # for developers; Django logs it
    return error_response(request, 403, message=_("This page was open for too long. Reload it and send the form again."))
