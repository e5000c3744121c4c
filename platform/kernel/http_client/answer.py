"""What came back from outside, read to its end within its limits, and what its status means for a retry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Self

from kernel import clock
from kernel.errors import PermanentFailure, TemporaryFailure

# The statuses of which another try may make a success: time-out, too early, too many, and the server's own faults.
_TEMPORARY_STATUSES = frozenset({408, 425, 429})
_FIRST_SERVER_ERROR = 500
_LONGEST_WAIT_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer; `headers` have small letters, `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004  # the numbers are their own names

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become replacement signs."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # Any: whatever the other side chose to send; the caller checks its shape
        """The body as JSON; raises `PermanentFailure` when it is none."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise PermanentFailure("the answer is not JSON", code="not_json") from error

    def require_success(self) -> Self:
        """This answer if it is a 2xx, else the failure that its status stands for."""
        if self.is_success:
            return self
        message, code = f"the other side answered {self.status}", f"http_{self.status}"
        if self.status >= _FIRST_SERVER_ERROR or self.status in _TEMPORARY_STATUSES:
            raise TemporaryFailure(message, code=code, retry_after_seconds=self._retry_after_seconds())
        raise PermanentFailure(message, code=code)

    def _retry_after_seconds(self) -> float | None:
        """The wish in `Retry-After`, which is a number of seconds or a date (RFC 9110 §10.2.3); None if absent or odd."""
        wish = self.headers.get("retry-after", "").strip()
        if wish.isascii() and wish.isdigit():
            return min(float(wish), _LONGEST_WAIT_SECONDS)
        try:
            moment = parsedate_to_datetime(wish)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(0.0, (moment - clock.now()).total_seconds()), _LONGEST_WAIT_SECONDS)
