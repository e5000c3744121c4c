"""No request brings more than a form with its pictures may weigh; a heavier one is refused before a byte of it is stored."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from webui.errors import error_response

_MEGABYTE = 1024 * 1024


class BodyLimitMiddleware:
    """Answers 413 to a body above `settings.MAX_BODY_BYTES`. Stands inside whatever its page asks for.

    It judges by the announced length: Django reads no further than that, and nothing of a body without one. It has to be
    asked before the CSRF check, which would read the form, and is: that check is made on the way to the view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > settings.MAX_BODY_BYTES:
            limit = settings.MAX_BODY_BYTES // _MEGABYTE
            words = _("We take up to %(limit)d MB at once. Go back and choose smaller files.") % {"limit": limit}
            return error_response(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message=words)
        return self.get_response(request)
