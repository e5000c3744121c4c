"""Gives each request its actor, asked for at most once and only if somebody asks; logs what was refused to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.operators.selectors import operator_actor
from tenant_apps.members.selectors import actor_for

log = structlog.get_logger(__name__)


class ActorMiddleware:
    """Sets `request.actor`: a member on a marketplace, an operator or guest on the platform. After authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]  # ours; read by actor_of
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Note a refused authorisation (R59). Stands inside the middleware that makes the page, which ends the search."""
        if isinstance(exception, PermissionDenied):
            log.warning(
                "authorization_refused", actor=actor_of(request).label, capability=exception.capability, path=request.path
            )


def _actor(request: HttpRequest) -> Actor:
    is_platform = getattr(request, "tenant", None) is None
    actor = operator_actor(request.user) if is_platform else actor_for(request.user)
    # From here on in every line of this request and of the tasks it sends; an id, since a label is somebody's address.
    structlog.contextvars.bind_contextvars(actor=actor.kind if actor.user_id is None else f"{actor.kind}:{actor.user_id}")
    return actor


def actor_of(request: HttpRequest) -> Actor:
    """The request's actor, for code that wants its type known."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]  # set above
