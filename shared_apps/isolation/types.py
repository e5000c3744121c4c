"""The words of isolation reports: states, what is found, and how long things last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import models
from django.utils.translation import gettext_lazy as _

REPORT_PREFIX: Final = "iso"
FORMAT: Final = "stoa-isolation-report/1"
ASK: Final = "isolation.test"
# The test asks pages of the marketplace, so nobody shall keep a worker busy with it.
AGAIN_AFTER: Final = timedelta(minutes=3)
# A part takes a second or two. When nothing was heard for so long, nobody works on it any more.
GIVEN_UP_AFTER: Final = timedelta(minutes=10)
MOST_KEPT: Final = 24

Direction = Literal["in", "out"]
"""`in`: somebody of the other marketplace reaches for this one. `out`: somebody of this one reaches for the other."""


class ReportState(models.TextChoices):
    """Where a report stands between the wish and its end."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Under way")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Stopped")


class Verdict(models.TextChoices):
    """What the whole of the attempts shows."""

    HELD = "held", _("Every attempt was refused")
    BROKEN = "broken", _("An attempt got through")
    INCOMPLETE = "incomplete", _("Not everything could be tried")


class Result(models.TextChoices):
    """What one attempt shows. Refused counts only where the same act succeeded on the own side."""

    REFUSED = "refused", _("Refused")
    REACHED = "reached", _("Got through")
    UNTRIED = "untried", _("Could not be tried")


UNDER_WAY: Final = (ReportState.WAITING, ReportState.RUNNING)


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt in one direction, as it went. `control` says whether the same act succeeded on the own side."""

    attempt: str
    direction: Direction
    result: Result
    control: bool
    why: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """What goes into the row when everything was tried: the signed words, and by which key."""

    verdict: Verdict
    document: str
    signature: str
    key: str
    at: datetime
