"""Browsers in which an account was signed in before: strangers' tries from elsewhere do not lock these out."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tenants.signing import keyed_hash

_COOKIE: Final = "known_browser"
_LIFE: Final = timedelta(days=365)


def remember_browser(response: HttpResponse, *, email: str) -> None:
    """Note in this browser, under the scope's own key, that the account with this address was signed in here."""
    response.set_cookie(
        _COOKIE, _mark(email), max_age=_LIFE, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def is_known_browser(request: HttpRequest, *, email: str) -> bool:
    """Whether `remember_browser` was called for this address, in this scope and this browser."""
    return hmac.compare_digest(request.COOKIES.get(_COOKIE, "").encode(), _mark(email).encode())


def _mark(email: str) -> str:
    return keyed_hash("known browser", email)
