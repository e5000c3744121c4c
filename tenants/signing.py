"""Signatures and one-way keys that hold in one tenant and for one purpose only."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing

from tenants.scope import require_scope


def sign(purpose: str, payload: Any) -> str:  # Any: what JSON can carry
    """`payload` as URL-safe text that only this scope, for this `purpose`, takes back."""
    return signing.dumps(payload, key=_keys()[0], salt=_salt(purpose), compress=True)


def unsign(purpose: str, token: str, *, max_age: timedelta | None = None) -> Any:  # Any: what was signed
    """The payload of `token`.

    Raises:
        django.core.signing.BadSignature: forged, of another tenant or purpose, or older than `max_age`.
    """
    key, *earlier = _keys()
    return signing.loads(token, key=key, salt=_salt(purpose), max_age=max_age, fallback_keys=[*earlier])


def keyed_hash(purpose: str, secret: str) -> str:
    """A hash to store instead of a secret token (64 hex digits)."""
    return keyed_hashes(purpose, secret)[0]


def keyed_hashes(purpose: str, secret: str) -> list[str]:
    """What `keyed_hash` gives, then what it gave under earlier SECRET_KEYs: to look a stored hash up with."""
    return [hmac.new(key.encode(), f"{purpose}\0{secret}".encode(), hashlib.sha256).hexdigest() for key in _keys()]


def _salt(purpose: str) -> str:
    return f"{require_scope().key}:{purpose}"


def _keys() -> list[str]:
    """The scope's own keys, the current one first, each derived from one of the installation's.

    HKDF's expand step with one block (RFC 5869).
    """
    info = f"stoa:{require_scope().key}\x01".encode()
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hmac.new(str(secret).encode(), info, hashlib.sha256).hexdigest() for secret in secrets]
