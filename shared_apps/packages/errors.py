"""What is refused about theme packages; nothing has changed then."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel.errors import Conflict, Invalid, NotFound
from themes.lint.findings import Finding


class VersionNotFound(NotFound):
    """No such version of a package is installed."""

    code = "package_version_not_found"

    def __init__(self) -> None:
        super().__init__(_("No such version of a theme package is installed."))


class PackageUnreadable(Invalid):
    """The file is no package, or one that nobody should open."""

    code = "package_unreadable"


class PackageHasErrors(Invalid):
    """The linter found errors; `findings` are all that it found."""

    code = "package_has_errors"

    def __init__(self, findings: Sequence[Finding], count: int) -> None:
        message = ngettext("The package has %(count)d error.", "The package has %(count)d errors.", count) % {"count": count}
        super().__init__(message, field="file")
        self.findings = findings


class VersionTaken(Conflict):
    """This version is there already, with other files; or the id belongs to the platform."""

    code = "package_version_taken"


class VersionWorn(Conflict):
    """Somebody wears it, or it comes with the code."""

    code = "package_version_worn"
