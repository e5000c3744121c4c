"""How long a code lives, and how a browser proves that it is the one that asked."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

CODE_LIFE: Final = timedelta(seconds=60)
# Long enough to walk in, look around and come back from a wrong turn.
FOUNDERS_PASS_LIFE: Final = timedelta(minutes=10)
# Begins the codes that were given for a founder's pass: nobody had proved anything.
_FOUNDERS: Final = "founder."
_CHALLENGE: Final = re.compile(r"[0-9a-f]{64}")


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def new_founders_code() -> str:
    """A code for somebody who has proved nothing yet."""
    return _FOUNDERS + new_secret()


def is_founders_code(code: str) -> bool:
    return code.startswith(_FOUNDERS)


def challenge_of(browser_nonce: str) -> str:
    """What the browser shows first; `browser_nonce` itself stays in its cookie (as PKCE does, RFC 7636, S256)."""
    return hashlib.sha256(browser_nonce.encode()).hexdigest()


def is_challenge(text: str) -> bool:
    return _CHALLENGE.fullmatch(text) is not None


def is_pass_fresh(founded_at: float, now: datetime) -> bool:
    """Whether a marketplace that opened at `founded_at` (seconds since 1970) opened so recently that its founder walks in."""
    return 0 <= now.timestamp() - founded_at < FOUNDERS_PASS_LIFE.total_seconds()
