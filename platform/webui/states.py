"""Pages for a marketplace that cannot be shown. They need no tenant, no database and no session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.cache import add_never_cache_headers

from webui.htmx import is_htmx

State = Literal["unknown_host", "suspended", "maintenance", "closed"]


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    retry_after_seconds: int | None = None


_ANSWERS: Final[dict[State, _Answer]] = {
    "unknown_host": _Answer(404),
    "suspended": _Answer(403),
    "maintenance": _Answer(503, retry_after_seconds=30),
    "closed": _Answer(410),
}


def state_response(request: HttpRequest, state: State, *, name: str = "", platform_url: str = "") -> HttpResponse:
    """The page of a state. `name` is the marketplace's, where it is known; `platform_url` leads to Stoa's own front page."""
    answer = _ANSWERS[state]
    context = {"name": name, "host": request.headers.get("Host", ""), "platform_url": platform_url, "status": answer.status}
    # Without the request no context processor runs: nothing here may need the database.
    response = HttpResponse(get_template(f"errors/{state}.html").render(context), status=answer.status)
    if answer.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(answer.retry_after_seconds)
    if is_htmx(request):
        # The page was open when the state changed: reload it as a whole instead of swapping this into a corner.
        response.headers["HX-Refresh"] = "true"
    add_never_cache_headers(response)
    return response
