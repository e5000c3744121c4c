"""From the header of a request to the key behind it and whom it acts as."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from kernel.actor import Actor
from shared_apps.rest.models import ApiKeyFields
from shared_apps.rest.types import REFUSED_RATE
from tenants.rates import address_of, count, require_room

_REALM: Final = 'Bearer realm="api"'


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`. Unknown, revoked, malformed and foreign keys are answered alike."""

    @abstractmethod
    def principal_of(self, text: str) -> tuple[Actor, ApiKeyFields] | None:
        """Whom the key of this text acts as; None unless it is a live one of this scope."""

    def authenticate(self, request: Request) -> tuple[Actor, ApiKeyFields] | None:
        """The actor (`request.user`) and the key (`request.auth`); None without the header."""
        header = request.headers.get("Authorization")
        if header is None:
            return None
        address = address_of(request)
        require_room(REFUSED_RATE, address)
        scheme, _space, text = header.partition(" ")
        principal = self.principal_of(text.strip()) if scheme.lower() == "bearer" else None
        if principal is None:
            count(REFUSED_RATE, address)
            raise AuthenticationFailed(_("This API key is not valid here."))
        return principal

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for (RFC 9110, WWW-Authenticate)."""
        del request
        return _REALM
