"""What the console refuses."""

from __future__ import annotations

from kernel.errors import Invalid, NotFound


class TenantNotFound(NotFound):
    """The registry knows no such organization."""

    code = "tenant_not_found"


class NameNotConfirmed(Invalid):
    """What was typed is not the organization's address."""

    code = "name_not_confirmed"


class NothingDrafted(NotFound):
    """Nothing is being worked on."""

    code = "nothing_drafted"
