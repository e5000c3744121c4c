"""Pages of a marketplace that break down, and one that sends a task, for the tests of the log."""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tenant_apps.members.middleware import actor_of

handler500 = "webui.views.server_error"


def crash(request: HttpRequest, token: str = "") -> HttpResponse:
    actor_of(request).can("anything")
    raise RuntimeError(f"went wrong with password=hunter2 for {token}")


def fine(request: HttpRequest) -> HttpResponse:
    structlog.get_logger("shop").info("looked", password="hunter2", basket=3)
    return HttpResponse("fine")


urlpatterns = [path("crash/", crash), path("b/<str:token>/", crash), path("fine/", fine)]
