"""Why an archive is refused: before anything is changed, or while a run loads it, which can then be undone."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound, PermanentFailure
from provisioning.errors import ProvisioningError


class ArchiveRefused(Invalid):
    """The file cannot be imported here."""

    code = "archive_refused"


class ArchiveNotOne(ArchiveRefused):
    """It is another kind of file."""

    code = "archive_not_one"


class ArchiveCutOff(ArchiveRefused):
    """Its end is missing."""

    code = "archive_cut_off"


class ArchiveDamaged(ArchiveRefused):
    """Something in it is not as it was written."""

    code = "archive_damaged"


class ArchiveUntrusted(ArchiveRefused):
    """Its signature is by somebody whom the operator does not trust."""

    code = "archive_untrusted"


class ArchiveTooBig(ArchiveRefused):
    """It unpacks to more than it should."""

    code = "archive_too_big"


class ArchiveOfOtherVersion(ArchiveRefused):
    """Its tables are not those of the running code."""

    code = "archive_of_other_version"


class ArchiveDoesNotFit(Conflict):
    """It is sound, and needs something that this installation lacks."""

    code = "archive_does_not_fit"


class ArchiveGone(NotFound):
    """The file that a run was given is not there any more."""

    code = "archive_gone"


class NotArchivable(ProvisioningError, PermanentFailure):
    """The organization's schema or a file's name is not of a form that an archive could carry."""

    def __init__(self, message: str) -> None:
        PermanentFailure.__init__(self, message, code="not_archivable")
