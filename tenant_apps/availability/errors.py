"""What can be wrong with a time that somebody typed."""

from __future__ import annotations

from datetime import datetime

from kernel.errors import Invalid


class InvalidTime(Invalid):
    """A date, a time or a zone that names no instant."""

    code = "invalid_time"


class SkippedTime(InvalidTime):
    """A wall time that the clocks jump over."""

    code = "skipped_time"


class AmbiguousTime(InvalidTime):
    """A wall time that happens twice; `choices` are both instants, on the wall clock they were asked for."""

    code = "ambiguous_time"

    def __init__(self, message: str, *, choices: tuple[datetime, datetime], field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.choices = choices


class InvalidHours(Invalid):
    """Hours that no week or day can have; `row` is the place of the offending one in what was sent."""

    code = "invalid_hours"

    def __init__(self, message: str, *, field: str | None = None, row: int | None = None) -> None:
        super().__init__(message, field=field)
        self.row = row
