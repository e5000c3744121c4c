"""What goes when a run is undone, told to the operator before they confirm it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from provisioning.run_reading import RunPicture
from provisioning.types import RunKind, StepState

# A snapshot stays when what was restored from it goes; what was kept of records is what comes again.
_NOT_LOST: Final = {
    RunKind.RESTORE_ORGANIZATION.value: frozenset({"archive"}),
    RunKind.TAKE_RECORDS.value: frozenset({"side"}),
}


def losses_of(picture: RunPicture) -> list[str]:
    """A sentence for each thing that the run's steps have made so far, in the order of the steps; none before the first."""
    sentences = {
        "name": _("The address %(slug)s. Once it was live, nobody gets it for 180 days; else it is free at once.")
        % {"slug": picture.slug},
        "schema": _("The database: every provider, service, booking and customer in it."),
        "domain": _("All addresses that lead to it, those of its own included."),
        "theme": _("Its look, and every picture that was uploaded."),
        "subscription": _("Its trial and its plan."),
        "owner": _("The sign-ins of its owner and its team there."),
        "archive": _("The archive's file in the platform's storage."),
        "side": _("What was restored beside the organization, unless it has taken its place."),
        "records": _("The records as they were brought back: what was there before comes again."),
        "swap": _("What was written since the swap: what stood there before comes back."),
    }
    begun = {step.name for step in picture.steps if step.state not in {StepState.PENDING, StepState.UNDONE}}
    begun -= _NOT_LOST.get(picture.run.kind, frozenset())
    return [sentence for name, sentence in sentences.items() if name in begun]
