"""What erasing refuses, or stops at."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kernel.errors import DomainError, NotFound


class TracesLeft(DomainError):
    """Something of the organization is still there; the message says where, and never what."""

    code = "traces_left"

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__(_("Something of it is left in: %(places)s.") % {"places": ", ".join(places)})


class NoProof(NotFound):
    """This run has proved nothing, or not yet."""

    code = "no_proof"
