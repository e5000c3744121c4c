"""Cursors of lists on their way out and back in: signed, and good for one list with one set of filters only."""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from kernel.errors import Invalid
from kernel.paging import Page
from tenants.signing import sign, unsign


def cursor_in(request: Request) -> str | None:
    """The cursor that the client sent back, as `kernel.paging` wrote it; None for the first page.

    Raises:
        Invalid: forged, of another tenant, of another list, or of the same with other filters.
    """
    sent = request.query_params.get("cursor")
    if sent is None:
        return None
    try:
        return str(unsign(_purpose(request), sent))
    except BadSignature as error:
        raise Invalid(_("This cursor is not valid for this list. Start at the first page."), field="cursor") from error


def page_response(request: Request, page: Page[Any], serializer: type[Serializer[Any]]) -> Response:  # Any: rows of a list
    """One page: its rows, and where it goes on."""
    return Response(
        {
            "items": serializer(page.rows, many=True).data,
            "next_cursor": _out(request, page.next_cursor),
            "previous_cursor": _out(request, page.previous_cursor),
        }
    )


def _out(request: Request, cursor: str | None) -> str | None:
    return None if cursor is None else sign(_purpose(request), cursor)


def _purpose(request: Request) -> str:
    filters = sorted(item for item in request.query_params.items() if item[0] not in {"cursor", "limit"})
    return f"api.cursor:{request.path}:{filters!r}"
