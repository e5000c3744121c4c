"""The base of every view of an API, and the answer where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.actor import Actor
from kernel.errors import Invalid, NotFound
from kernel.ids import parse_public_id
from shared_apps.rest.openapi import ApiSchema
from shared_apps.rest.permissions import HasAccess
from shared_apps.rest.repeating import HEADER
from shared_apps.rest.types import ADDRESS_RATE, Access
from tenants.rates import Rate, address_of, count


class ApiView(APIView):
    """Deny by default: a method works only with a row in `access`. Answers are never kept by caches."""

    access: ClassVar[Mapping[str, Access]] = {}
    permission_classes = [HasAccess]
    # Without OPTIONS, which would describe serializers: the reference does it better.
    http_method_names = ["get", "post", "head"]
    schema = ApiSchema()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # Any: whatever the URL carries
        """Before the method itself; a method that is not there is 405 for everybody, with or without a key."""
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise drf.MethodNotAllowed(request.method or "")
        if HEADER in request.headers:
            # Read whole before it is parsed: the body is part of what makes two requests the same.
            self.body_read = request.body
        super().initial(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        """Count the request.

        Raises:
            Throttled: one too many for the key, or for the address of somebody without one.
        """
        for rate, who in self.rates(request):
            count(rate, who)

    def rates(self, request: Request) -> Iterable[tuple[Rate, str]]:
        """What the request counts towards."""
        if request.auth is None:
            yield ADDRESS_RATE, address_of(request)
        else:
            yield self.key_rate(), str(request.auth.pk)

    def key_rate(self) -> Rate:
        """How much a key may ask for."""
        return Rate("key", 300, 60)

    @property
    def actor(self) -> Actor:
        """Whom the request acts as."""
        return self.request.user if isinstance(self.request.user, Actor) else Actor.guest()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:  # Any: DRF's own signature
        """Keep the answer out of caches, unless the view said otherwise."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class NothingHere(ApiView):
    """Every address of the API that is none, so that it is a problem document too."""

    schema = None  # type: ignore[assignment]  # DRF's own way to leave a view out of the description

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # Any: as above
        """Refuse.

        Raises:
            NotFound: always; Throttled before that.
        """
        del args, kwargs
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request, force=True)
        count(ADDRESS_RATE, address_of(request))
        raise drf.NotFound(_("There is nothing at this address."))


def created(body: Mapping[str, object], location: str, *, status: int = 201) -> Response:
    """An answer to a POST that made something, and where it is."""
    return Response(dict(body), status=status, headers={"Location": location})


def id_in_path(prefix: str, text: str) -> UUID:
    """The id in an address.

    Raises:
        NotFound: it is none of this kind, so there is nothing there.
    """
    try:
        return parse_public_id(prefix, text)
    except Invalid as error:
        raise NotFound(_("There is nothing at this address.")) from error
