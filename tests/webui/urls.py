"""What the tests of `webui` visit: its own pages, and views that refuse in each way."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from kernel import errors
from webui.forms import SlugInput, StoaForm
from webui.urls import gallery_urls

handler400 = "webui.views.bad_request"
handler403 = "webui.views.forbidden"
handler404 = "webui.views.not_found"
handler500 = "webui.views.server_error"

REFUSALS: dict[str, type[errors.DomainError]] = {
    cls.code: cls
    for cls in (
        errors.NotFound,
        errors.PermissionDenied,
        errors.PlanLimit,
        errors.Conflict,
        errors.Invalid,
        errors.Throttled,
        errors.Unavailable,
    )
}


def uncounted() -> None:
    """Here are no tenants for whom reports of the policy could be counted."""


def refuse(request: HttpRequest, code: str) -> HttpResponse:
    raise REFUSALS[code]("The slot <b>went</b> a second ago.")


def wait(request: HttpRequest) -> HttpResponse:
    raise errors.Throttled("Too fast.", retry_after_seconds=7)


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the database")


def forbid(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


@require_POST
def only_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@csrf_protect
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


FRAGMENTS = {
    "good": '<p id="swapped">On time=now, javascript: the good parts</p>',
    "script": '<p id="swapped">x</p><script src="/static/webui/ui.js"></script>',
    "json": '<p id="swapped">x</p><script type="application/json">{"a": 1}</script>',
    "inline": '<p id="swapped">x</p><script>window.ran = true</script>',
    "handler": '<p id="swapped"><img src="/nope.png" alt="" onerror="window.ran = true"></p>',
    "address": '<p id="swapped"><a href=" javascript:window.ran = true">x</a></p>',
    "frame": '<p id="swapped"><iframe srcdoc="<p>x</p>"></iframe></p>',
    "document": "<!doctype html><html><body><p id='swapped'>a whole page</p></body></html>",
}


def fragment(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(FRAGMENTS[name])


LIVE_PAGE = """{% extends "layouts/auth.html" %}{% load ui %}
{% block title %}{{ state }}{% endblock %}{% block heading %}{{ state }}{% endblock %}
{% block htmx %}{% include "webui/htmx.html" %}{% endblock %}{% block scripts %}{% script "live" %}{% endblock %}
{% block main %}
  <stoa-live path="/live/one/" port=""></stoa-live>
  {% if state != "first" %}<p id="news">News</p><input aria-label="Newer" autofocus>{% endif %}
  <form><label>Note <input name="note" value="{{ state }}"></label><label>Other <input name="other"></label></form>
  <details><summary>More</summary>{{ state }}</details>
  {% if state == "scripted" %}<script src="/none.js"></script>{% endif %}
  <a href="/elsewhere/">Elsewhere</a>
{% endblock %}"""


def live(request: HttpRequest) -> HttpResponse:
    """A page that changes while it is open; its cookie says into what."""
    state = request.COOKIES.get("state", "first")
    if state == "moved":
        return redirect("/elsewhere/")
    if state == "gone":
        raise errors.NotFound("It is gone.")
    return HttpResponse(engines["django"].from_string(LIVE_PAGE).render({"state": state}, request))


class CheckedForm(StoaForm):
    """One address of which the server says something while one types, and one of which it does not."""

    checked = forms.CharField(
        help_text="Short",
        widget=SlugInput({"hx-get": "/fragment/good/", "hx-trigger": "input changed", "hx-target": "#answer"}),
    )
    unchecked = forms.CharField(widget=SlugInput)


REFUSED_PAGE = """{% extends "layouts/auth.html" %}{% load ui %}
{% block heading %}Refused{% endblock %}
{% block htmx %}{% include "webui/htmx.html" %}{% endblock %}{% block scripts %}{% script "forms" %}{% endblock %}
{% block main %}{% field form.checked %}<div id="answer"></div>{% field form.unchecked %}{% endblock %}"""


def refused(request: HttpRequest) -> HttpResponse:
    """A form that was sent without what it asks for."""
    return HttpResponse(engines["django"].from_string(REFUSED_PAGE).render({"form": CheckedForm({})}, request))


CLOCK_PAGE = """{% extends "layouts/auth.html" %}{% block heading %}Times{% endblock %}
{% block main %}{% include "components/clock.html" %}{% endblock %}"""


def times(request: HttpRequest) -> HttpResponse:
    """A list of times on the viewer's clock, as far as their cookies tell it."""
    told = [request.COOKIES.get(name, "").replace("%2F", "/") for name in ("tz_chosen", "tz")]
    zone = next((zone for zone in told if zone.startswith(("Europe/", "Asia/"))), "Europe/London")
    return HttpResponse(engines["django"].from_string(CLOCK_PAGE).render({"zone": zone}, request))


def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>Elsewhere</title><main>Elsewhere</main>")


def events(request: HttpRequest) -> StreamingHttpResponse:
    lines = ["data: <p id='first'>one</p>\n\n", "id: 2\ndata: <p id='second'>two</p>\n\n", "event: done\ndata: end\n\n"]
    return StreamingHttpResponse(lines, content_type="text/event-stream")


urlpatterns = [
    path("", include("webui.urls")),
    *gallery_urls,
    path("refuse/<slug:code>/", refuse),
    path("wait/", wait),
    path("break/", break_down),
    path("forbid/", forbid),
    path("suspect/", suspect),
    path("only-post/", only_post),
    path("guarded/", guarded),
    path("fragment/<slug:name>/", fragment),
    path("live/", live),
    path("refused/", refused),
    path("times/", times),
    path("elsewhere/", elsewhere),
    path("events/", events),
]
