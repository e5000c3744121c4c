"""What is refused about isolation reports."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class ReportNotFound(NotFound):
    """There is no such report, or it is another organization's."""

    code = "isolation_report_not_found"


class AskedTooSoon(Conflict):
    """The last one was asked for a moment ago."""

    code = "isolation_report_too_soon"
