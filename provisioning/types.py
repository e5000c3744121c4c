"""The words of provisioning: states, and what somebody asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    """What a run does; `steps.STEPS` says how."""

    CREATE_ORGANIZATION = "create_organization", _("Create an organization")
    ARCHIVE_ORGANIZATION = "archive_organization", _("Archive an organization")
    IMPORT_ORGANIZATION = "import_organization", _("Import an organization")
    RESTORE_ORGANIZATION = "restore_organization", _("Restore a snapshot beside an organization")
    SWAP_ORGANIZATION = "swap_organization", _("Put a restored snapshot in an organization's place")
    MOVE_ORGANIZATION = "move_organization", _("Move an organization to another cluster")
    CLONE_ORGANIZATION = "clone_organization", _("Copy an organization to a sandbox")
    PROMOTE_SANDBOX = "promote_sandbox", _("Bring parts of a sandbox into its organization")
    ERASE_ORGANIZATION = "erase_organization", _("Erase an organization")
    TAKE_RECORDS = "take_records", _("Take single records from a restored snapshot")


class RunState(models.TextChoices):
    """A run waits only before its first step; after that it is running until it is done, failed or undone."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDO_FAILED = "undo_failed", _("Undo failed")
    UNDONE = "undone", _("Undone")


class StepState(models.TextChoices):
    """A step that a worker died in stays `running` until its lease ends."""

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDONE = "undone", _("Undone")


class FleetState(models.TextChoices):
    """Where a run over the fleet stands. A stopped one had too many failures in a wave; a person decides.

    An abandoned one was superseded by code of another version before it was done.
    """

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")
    ABANDONED = "abandoned", _("Abandoned")


class MoveState(models.TextChoices):
    """Where one tenant stands in a run over the fleet.

    One that is held up found a lock taken at each of its tries, or its cluster away: it is served as before, and tried again
    in minutes.
    """

    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    HELD_UP = "held_up", _("Held up")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Wave(models.IntegerChoices):
    """Canaries go first; the others follow when all of them have ended and few enough failed."""

    CANARY = 0, _("Canaries")
    REST = 1, _("All others")


# Of a run's id as people, addresses and programs see it (`kernel.ids`).
RUN_PREFIX = "run"
# The step after which the world has seen the organization.
ANNOUNCE = "announce"
UNDOABLE = (RunState.PENDING, RunState.RUNNING, RunState.DONE, RunState.FAILED)
ENDED_FLEETS = (FleetState.DONE, FleetState.ABANDONED)
OPEN_MOVES = (MoveState.PENDING, MoveState.RUNNING, MoveState.HELD_UP)
GOING_BACK = (RunKind.RESTORE_ORGANIZATION, RunKind.SWAP_ORGANIZATION, RunKind.TAKE_RECORDS)
OF_SANDBOXES = (RunKind.CLONE_ORGANIZATION, RunKind.PROMOTE_SANDBOX)
ACTIVE_RUNS = (RunState.PENDING, RunState.RUNNING, RunState.UNDOING)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRequest:
    """What is to be created. Empty fields take the blueprint's values; `sample` names a sample marketplace to fill it with.

    `archive` is the id of the archive that a run writes, or the name of the file that it fills the organization from;
    `restored` the id of the run that restored what is to take the organization's place, or that `records` are taken from
    (`provisioning.archives.picks`); `cluster` where it is to live; `source` the organization that is copied to a sandbox, or
    the sandbox whose `parts` (separated by commas) are promoted, as they were shown (`seen`); `closed_at` the moment of the
    closing (ISO 8601) that ends with its erasing.
    """

    slug: str
    name: str
    owner_email: str
    blueprint: str
    plan_code: str
    owner_name: str = ""
    brand_color: str = ""
    accent_color: str = ""
    tagline: str = ""
    locale: str = ""
    currency: str = ""
    time_zone: str = ""
    sample: str = ""
    archive: str = ""
    restored: str = ""
    records: str = ""
    cluster: str = ""
    source: str = ""
    parts: str = ""
    seen: str = ""
    closed_at: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:  # Any: JSON
        """The request that `as_json` wrote, in this or an earlier version of the code."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})
