"""The words of the inbox: states of an event, why one is in quarantine, how long things are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# An event of Stripe's with an invoice of many lines has some ten thousand letters.
LONGEST_BODY_BYTES: Final = 1024 * 1024
LONGEST_ID: Final = 120
LONGEST_TYPE: Final = 100
LONGEST_ERROR: Final = 500
# Unknown kinds, and rounds of the reconciler.
IGNORED_KEPT: Final = timedelta(days=30)
PAYLOADS_KEPT: Final = timedelta(days=90)
# For longer than anybody sends an event again: Stripe itself knows them for thirty days.
APPLIED_KEPT: Final = timedelta(days=180)


class EventState(models.TextChoices):
    """What is kept of an event's way; that a waiting one was given up stands in the outbox."""

    WAITING = "waiting", _("Waiting")
    APPLIED = "applied", _("Applied")
    IGNORED = "ignored", _("Ignored")
    QUARANTINED = "quarantined", _("In quarantine")


class Shown(models.TextChoices):
    """What the console tells apart, and filters by."""

    GIVEN_UP = "given_up", _("Given up")
    FAILING = "failing", _("Failing")
    WAITING = "waiting", _("Waiting")
    QUARANTINED = "quarantined", _("In quarantine")
    APPLIED = "applied", _("Applied")
    IGNORED = "ignored", _("Ignored")


class Reason(models.TextChoices):
    """Why an event is in quarantine."""

    ACCOUNT = "account", _("It belongs to a connected account that nobody here has.")
    MODE = "mode", _("It tells of the other mode: test and real payments do not mix.")
    NOBODYS = "nobodys", _("Its object belongs to no organization that we know.")


COUNTED: Final[dict[str, Promise]] = {
    "webhook_forged": _("Signed by nobody we know"),
    "webhook_stale": _("Signed too long ago"),
    "webhook_bad_header": _("Without a signature that makes sense"),
    "webhook_no_event": _("Signed, but no event"),
    "webhook_no_secret": _("No secret is set here"),
    "webhook_too_large": _("Too large"),
    "duplicate": _("Came once more"),
}
"""What leaves a count and nothing else."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Which object an event makes us look at. `kind` is one that an applier is registered for."""

    kind: str
    object_id: str


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a webhook. `is_new` is False for one that was here before."""

    event_id: str
    is_new: bool
