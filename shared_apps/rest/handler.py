"""The one place where whatever a view of an API raises becomes a problem document (REST_FRAMEWORK's EXCEPTION_HANDLER)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response

from kernel.errors import DomainError, NotFound, PermissionDenied
from shared_apps.rest.problems import flattened, problem_of, problem_response
from webui.problems import Problem

_log = structlog.get_logger(__name__)

_CODES: Final[Mapping[type[drf.APIException], str]] = {
    drf.ParseError: "malformed",
    drf.NotAuthenticated: "key_missing",
    drf.AuthenticationFailed: "key_invalid",
    drf.PermissionDenied: PermissionDenied.code,
    drf.NotFound: NotFound.code,
    drf.MethodNotAllowed: "method_not_allowed",
    drf.NotAcceptable: "not_acceptable",
    drf.UnsupportedMediaType: "unsupported_media_type",
}


def handle_problem(error: Exception, context: Mapping[str, Any]) -> Response:  # Any: DRF's own signature
    """Answer for `error`. What nobody expected is a 500 that tells nothing, and reaches the log as elsewhere."""
    if isinstance(error, DomainError):
        _note_refusal(error, context)
    problem = _problem_of(error)
    return problem_response(_unexpected(error, context) if problem is None else problem)


def _problem_of(error: Exception) -> Problem | None:
    """None for what nobody expected."""
    match error:
        case DomainError():
            return problem_of(error)
        case drf.ValidationError():
            return _invalid(error)
        case drf.APIException():
            return _of_framework(error)
        case _:
            return _of_django(error)


def _of_django(error: Exception) -> Problem | None:
    match error:
        case Http404():
            return Problem(404, NotFound.code, _("There is nothing at this address."))
        case DjangoPermissionDenied():
            return Problem(403, PermissionDenied.code, _("You are not allowed to do this."))
        case RequestDataTooBig():
            return Problem(413, "too_large", _("What was sent is too large."))
        case SuspiciousOperation():
            return Problem(400, "malformed", _("The request could not be understood."))
        case _:
            return None


def _invalid(error: drf.ValidationError) -> Problem:
    errors = list(flattened(error.detail))
    detail = errors[0].message if len(errors) == 1 else _("Some fields are not right.")
    return Problem(422, "invalid", detail, [one for one in errors if one.field])


def _of_framework(error: drf.APIException) -> Problem:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    code = _CODES.get(type(error), "refused")
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _unexpected(error: Exception, context: Mapping[str, Any]) -> Problem:  # Any: as above
    request = context.get("request")
    # DRF asks its handler to raise what it cannot answer, and Django's page would be HTML: so the signal that error trackers
    # and the test client listen to is sent from here.
    got_request_exception.send(sender=type(context.get("view")), request=getattr(request, "_request", None))
    _log.exception("api_error", path=getattr(request, "path", ""), exc_info=error)
    return Problem(500, "server_error", _("Something broke on our side. We have been told."))


def _note_refusal(error: DomainError, context: Mapping[str, Any]) -> None:  # Any: as above
    """Refused authorisations stand in the log (R59)."""
    if not isinstance(error, PermissionDenied):
        return
    request = context.get("request")
    actor = getattr(request, "user", None)
    _log.warning(
        "authorization_refused",
        actor=getattr(actor, "label", "guest"),
        capability=error.capability,
        path=getattr(request, "path", ""),
    )
