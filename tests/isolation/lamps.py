"""One act that goes everywhere: a page publishes it, a worker handles it, a socket shows it. And what each breaks down with."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from kernel.events import Event, publish
from tenant_apps.members.middleware import actor_of
from tenants.live import ScopedConsumer, notify

handler500 = "webui.views.server_error"
rings: list[dict[str, object]] = []
"""What the log called each ring's work."""


@dataclass(frozen=True)
class LampLit(Event):
    """Heard by one handler."""

    lamp: int


@dataclass(frozen=True)
class LampBroke(Event):
    """Heard by a handler that breaks as well."""

    because: str


def show(event: LampLit) -> None:
    notify("lamp", event.lamp, {"is_lit": True})


def break_down(event: LampBroke) -> None:
    raise RuntimeError(event.because)


SUBSCRIPTIONS = {LampLit: ("tests.isolation.lamps.show",), LampBroke: ("tests.isolation.lamps.break_down",)}


def note_ring(_message_ids: object, *, shard: int) -> None:
    rings.append({"shard": shard} | structlog.contextvars.get_contextvars())


class Lamp(ScopedConsumer):
    """Shows the one lamp that there is."""

    def topic(self) -> tuple[str, object]:
        return "lamp", 1


def light(request: HttpRequest) -> HttpResponse:
    actor_of(request).can("anything")
    with transaction.atomic():
        publish(LampLit(1))
    return HttpResponse("lit")


urlpatterns = [path("light/", light)]
