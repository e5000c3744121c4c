"""What is refused about archives."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class ArchiveNotFound(NotFound):
    """There is no such archive, or it is another organization's."""

    code = "archive_not_found"


class ArchiveLinkRefused(NotFound):
    """The link is over, was made for somebody else, or leads to an archive that is not there (any more)."""

    code = "archive_link_refused"


class TooManyArchives(Conflict):
    """There are as many as are kept at a time."""

    code = "too_many_archives"
