"""What is refused about archives."""

from __future__ import annotations

from kernel.errors import NotFound


class ArchiveNotFound(NotFound):
    """There is no such archive, or it is another organization's."""

    code = "archive_not_found"


class ArchiveLinkRefused(NotFound):
    """The link is over, was made for somebody else, or leads to an archive that is not there (any more)."""

    code = "archive_link_refused"
