"""The one place where an expected refusal becomes a page, or for htmx a toast, with the refusal's own words and status."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import get_template
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from webui.htmx import is_htmx, toast
from webui.problems import Problem, is_api, problem_document

# What a page says when nobody gave better words: a title, a sentence.
_WORDS: Final[dict[int, tuple[str | Promise, str | Promise]]] = {
    400: (
        _("We did not understand that"),
        _("Something in the address or the form is not as it should be. Go back and try again."),
    ),
    402: (_("Not part of the plan"), _("The current plan does not include this, or no more of it.")),
    403: (_("This is not yours to open"), _("You are signed in, but this page belongs to somebody else.")),
    404: (_("Nothing here"), _("The page has moved, or it never was. The link may be old.")),
    405: (_("Not that way"), _("This address answers a form, not a visit. Go back and use the button there.")),
    409: (_("Somebody was faster"), _("Things changed while you were looking at them. Have a fresh look.")),
    413: (_("Too much at once"), _("What was sent is larger than we take. Go back and choose smaller files.")),
    422: (_("That cannot be done"), _("What was sent breaks a rule. Go back, change it and send it again.")),
    429: (_("One moment, please"), _("That was a lot in a short time. Wait a little and try again.")),
    500: (
        _("Our mistake"),
        _("Something broke on our side. We have been told. Your data is safe; please try again in a moment."),
    ),
    503: (_("Back in a moment"), _("We cannot do this right now. Please try again shortly.")),
}

# What programs are told where no view of the API came to answer by itself.
_CODES: Final = {400: "malformed", 403: "permission_denied", 404: "not_found", 405: "method_not_allowed", 500: "server_error"}


class DomainErrorMiddleware:
    """Answers a `DomainError` that no view caught, and gives an empty 405 a page. Stands innermost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_bare = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not getattr(response, "content", b"-")
        return _with_allow(error_response(request, 405), response) if is_bare else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Called by Django for every exception out of a view; None leaves it to the next handler."""
        if not isinstance(exception, DomainError):
            return None
        response = error_response(request, exception.http_status, message=exception.message)
        if exception.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(exception.retry_after_seconds)
        return response


def error_response(request: HttpRequest, status: int, *, message: str | Promise = "") -> HttpResponse:
    """A page in the look of the host, a toast for htmx, a document for programs. `message` replaces the general sentence."""
    title, sentence = _WORDS.get(status, _WORDS[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400])
    response: HttpResponse
    if is_api(request):
        response = problem_document(Problem(status, _CODES.get(status, "refused"), str(message or sentence)))
    elif is_htmx(request):
        response = HttpResponse(status=status, headers={"HX-Reswap": "none"})
        toast(response, message or sentence, kind="bad")
    else:
        context = {"status": status, "heading": title, "sentence": message or sentence}
        # A broken server must not be asked for more (user, messages, branding): its page stands alone.
        source = None if status == HTTPStatus.INTERNAL_SERVER_ERROR else request
        response = HttpResponse(get_template(_template_for(status)).render(context, source), status=status)
    add_never_cache_headers(response)
    return response


def _template_for(status: int) -> str:
    return f"errors/{status}.html" if status in _WORDS else "errors/base.html"


def _with_allow(response: HttpResponse, refused: HttpResponseBase) -> HttpResponse:
    """RFC 9110 wants every 405 to say what is allowed."""
    response.headers["Allow"] = refused.headers.get("Allow", "")
    return response
