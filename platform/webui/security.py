"""What browsers are told not to do: the content security policy, the headers beside it, and where they report to."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.csp import CSP
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kernel.errors import Throttled

log = logging.getLogger("webui.csp")

REPORT_PATH: Final = "/csp-report/"

# No nonce and no hash: there is no inline code to bless, so pages stay the same for everybody and may be cached.
# `form-action` also judges where a form's answer redirects to: to reach another host, answer with a link or HX-Redirect.
CONTENT_SECURITY_POLICY: Final[dict[str, list[str]]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "require-trusted-types-for": ["'script'"],
    # The one policy, in assets/js/htmx-policy.js; a second one of any name is refused.
    "trusted-types": ["default"],
    "report-uri": [REPORT_PATH],
}

_HEADERS: Final = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}

_MAX_REPORT_BYTES: Final = 16 * 1024
_MAX_VALUE_LENGTH: Final = 300
_MOST_IN_ONE: Final = 10


class BrowserHeadersMiddleware:
    """Sets the headers that Django's own middleware leaves out; a view may set its own instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response


@csrf_exempt  # browsers send reports by themselves, without a page's token; nothing is changed by one
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Take a browser's report of a blocked act into the log. What cannot be read is answered with 400 and forgotten."""
    if int(request.headers.get("Content-Length") or 0) > _MAX_REPORT_BYTES:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        import_string(settings.POLICY_REPORT_COUNTER)()
    except Throttled as refusal:
        return HttpResponse(status=refusal.http_status, headers={"Retry-After": str(refusal.retry_after_seconds or 60)})
    if not _taking.one_more():
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "60"})
    try:
        reports = _reports(json.loads(request.body))
    except (ValueError, RecursionError):  # whatever a stranger sends: no JSON, a bottomless one, an address that is none
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    for report in reports[:_MOST_IN_ONE]:
        log.warning("csp_violation", extra={"csp": report})
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


class _PerMinute:
    """So many in a minute in this process, beyond those that were counted for each marketplace (`POLICY_REPORT_COUNTER`).

    Without Redis nobody is counted, and a thousand broken pages must not fill the log either.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = 0
        self._seen = 0

    def one_more(self) -> bool:
        minute = int(time.monotonic() // 60)
        # Two threads may miss each other's count by one, which does no harm here.
        if minute != self._minute:
            self._minute, self._seen = minute, 0
        self._seen += 1
        return self._seen <= self._most

    def forget(self) -> None:
        """Begin anew."""
        self._seen = 0


_taking: Final = _PerMinute(1200)


def _reports(sent: Any) -> list[dict[str, str]]:  # Any: whatever a stranger sent as JSON
    """Both shapes in use: `{"csp-report": {…}}` (report-uri) and `[{"type": …, "body": {…}}]` (Reporting API)."""
    entries = sent if isinstance(sent, list) else [sent]
    bodies = [entry.get("csp-report") or entry.get("body") for entry in entries if isinstance(entry, dict)]
    return [_essence(body) for body in bodies if isinstance(body, dict)]


def _essence(body: dict[str, Any]) -> dict[str, str]:  # Any: as above
    """The few fields that help; addresses lose their query, which may hold a signed link."""
    return {
        "page": _without_query(body.get("document-uri") or body.get("documentURL")),
        "blocked": _without_query(body.get("blocked-uri") or body.get("blockedURL")),
        "directive": _text(body.get("effective-directive") or body.get("effectiveDirective") or body.get("violated-directive")),
        "sample": _text(body.get("script-sample") or body.get("sample")),
        "line": _text(body.get("line-number") or body.get("lineNumber")),
    }


def _without_query(address: object) -> str:
    parts = urlsplit(_text(address))
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else parts.path or parts.scheme


def _text(value: object) -> str:
    return str(value if value is not None else "")[:_MAX_VALUE_LENGTH]
