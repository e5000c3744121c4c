"""What is refused about sandboxes; nothing has changed then."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kernel.errors import Conflict, Invalid, NotFound


class SandboxOfSandbox(Conflict):
    """A sandbox is not copied once more, nor promotes anything but to the marketplace that it came from."""

    code = "sandbox_of_sandbox"


class NoSandbox(NotFound):
    """The marketplace has none."""

    code = "no_sandbox"


class NotConfirmed(Invalid):
    """What was typed is not the name of what would be lost."""

    code = "not_confirmed"

    def __init__(self, name: str, *, field: str = "confirm_name") -> None:
        super().__init__(_("This is not its name. Type “%(name)s”.") % {"name": name}, field=field)


class PromotionStale(Conflict):
    """Marketplace or sandbox changed since the differences were shown, so nobody has read what would be done."""

    code = "promotion_stale"


class NothingToPromote(Invalid):
    """No part was chosen, or none differs."""

    code = "nothing_to_promote"
