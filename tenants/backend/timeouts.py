"""What one connection knows of the time-outs that hold on it: PostgreSQL does not report them, as it does the path."""

from __future__ import annotations

import re
from typing import Any, Final

from tenants.limits import Limits

_NAMES: Final = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
_ANY: Final = "|".join(_NAMES)
_LASTING: Final = re.compile(rf"\bset\s+(?:session\s+)?(?:{_ANY})\b|\b(?:reset|discard)\b", re.IGNORECASE)
# As SET LOCAL and as kernel.locking write it.
_LOCAL: Final = re.compile(rf"\bset\s+local\s+({_ANY})\b|\bset_config\('({_ANY})', [^,]+, true\)", re.IGNORECASE)


class KnownTimeouts:
    """The limits that were set last, None when they cannot be known; and which of them the transaction has set for itself.

    Those of the transaction are somebody's decision for its length: no scope that is entered meanwhile changes them.
    """

    def __init__(self) -> None:
        self._limits: Limits | None = None
        self._local: set[str] = set()
        self._is_partial = False

    def missing_for(self, limits: Limits) -> dict[str, str]:
        """The settings, by name, that must be sent so that `limits` hold; empty when they do."""
        if self._limits == limits:
            return {}
        return {name: value for name, value in zip(_NAMES, limits.as_settings(), strict=True) if name not in self._local}

    def note(self, limits: Limits) -> None:
        """What `missing_for` told was sent."""
        self._limits = limits
        self._is_partial = bool(self._local)

    def note_statement(self, sql: Any, *, in_transaction: bool) -> None:  # Any: a text, or psycopg's composition of one
        """A statement ran that may have set some."""
        text = sql if isinstance(sql, str) else "reset"
        if _LASTING.search(text):
            self._limits = None
        if in_transaction:
            self._local |= {(first or second).lower() for first, second in _LOCAL.findall(text)}

    def forget(self) -> None:
        """Something was rolled back, and with it perhaps what was sent last."""
        self._limits = None

    def end_transaction(self) -> None:
        """What the transaction set for itself is gone; so is the knowledge of what was left out for its sake."""
        self._local.clear()
        if self._is_partial:
            self._limits = None
        self._is_partial = False
