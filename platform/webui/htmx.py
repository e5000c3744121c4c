"""One view for the whole page and for the part of it that htmx asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise

Kind = Literal["ok", "warn", "bad", "info"]

_MESSAGE_LEVELS: dict[Kind, int] = {
    "ok": messages.SUCCESS,
    "warn": messages.WARNING,
    "bad": messages.ERROR,
    "info": messages.INFO,
}


def is_htmx(request: HttpRequest) -> bool:
    """True for a request that htmx sent and that wants a part of a page, not a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,  # Any: template contexts hold whatever a page shows
    *,
    partial: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render `template`, or for htmx only its `{% partialdef %}` named `partial` (or another file, if it ends in .html)."""
    name = template
    if partial is not None and is_htmx(request):
        name = partial if partial.endswith(".html") else f"{template}#{partial}"
    response = render(request, name, dict(context or {}), status=status)
    # Two bodies for one address: caches must not give one where the other was asked for.
    patch_vary_headers(response, ["HX-Request"])
    return response


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser elsewhere after a write: 303, or `HX-Redirect` for htmx (which may also leave the host)."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def toast[AnyResponse: HttpResponseBase](
    response: AnyResponse,
    text: str | Promise,
    *,
    kind: Kind = "ok",
    undo_url: str | None = None,
) -> AnyResponse:
    """Let an htmx answer show a toast; `undo_url` is POSTed to when *Undo* is pressed."""
    detail = {"text": str(text), "kind": kind, **({"undo": undo_url} if undo_url else {})}
    return trigger(response, "stoa:toast", detail)


def trigger[AnyResponse: HttpResponseBase](response: AnyResponse, event: str, detail: Mapping[str, object]) -> AnyResponse:
    """Add a DOM event to what htmx fires when the answer arrives; earlier ones are kept."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = dict(detail)
    response.headers["HX-Trigger"] = json.dumps(events)
    return response


def add_toast(
    request: HttpRequest,
    text: str | Promise,
    *,
    kind: Kind = "ok",
    undo_url: str = "",
) -> None:
    """Show a toast on the page that comes after a redirect."""
    messages.add_message(request, _MESSAGE_LEVELS[kind], str(text), extra_tags=undo_url)
