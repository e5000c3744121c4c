"""The words of isolation reports: states, what is tried (in the owner's words), what is found, and how long things last.

How each attempt is made is `provisioning.selftest`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import models
from django.utils.functional import Promise
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


@dataclass(frozen=True, slots=True)
class Family:
    """Attempts of one sort, made together. `attempts`: id → what was tried."""

    id: str
    label: Promise
    attempts: dict[str, Promise]


FAMILIES: Final = (
    Family(
        "objects",
        _("The application's own objects"),
        {
            "objects.save": _("Change something that was read in the other marketplace"),
            "objects.delete": _("Delete something that was read in the other marketplace"),
            "objects.related": _("Give somebody of the other marketplace a role here"),
            "objects.lazy": _("Run a search that was prepared in the other marketplace, and find its entries"),
            "objects.cursor": _("Go on with a connection that was opened for the other marketplace"),
            "objects.no_scope": _("Read without saying for which marketplace"),
        },
    ),
    Family(
        "database",
        _("The database itself"),
        {
            "database.read": _("Read a table of the other marketplace by its full name"),
            "database.write": _("Change a table of the other marketplace by its full name"),
            "database.delete": _("Empty a table of the other marketplace by its full name"),
            "database.rights": _("Hold a right on any table of the other marketplace"),
            "database.registry": _("Read the platform's list of all marketplaces"),
            "database.role": _("Slip into the other marketplace's database role and stay in it"),
            "database.locks": _("Hold up the other marketplace by a lock of the same name"),
        },
    ),
    Family(
        "cache",
        _("Short-term memory and limits"),
        {
            "cache.key": _("Find under the same name what the other marketplace put into the cache"),
            "cache.copied": _("Use an entry of the other marketplace's cache that was copied here"),
            "cache.rates": _("Use up the other marketplace's allowance of requests"),
        },
    ),
    Family(
        "files",
        _("Files and pictures"),
        {
            "files.name": _("Open a file of the other marketplace by its name"),
            "files.path": _("Climb out of the own folder into the other marketplace's"),
            "files.address": _("Open a picture of the other marketplace by its address"),
        },
    ),
    Family(
        "tasks",
        _("Work in the background"),
        {
            "tasks.headerless": _("Run a task that does not say for which marketplace it is"),
            "tasks.stay": _("Have a task run in the other marketplace, where its worker stood before"),
            "tasks.forge": _("Put a job into the queue in the other marketplace's name"),
            "tasks.door": _("Have a job that is ordered the proper way count as the other marketplace's"),
        },
    ),
    Family(
        "live",
        _("Live updates"),
        {
            "live.group": _("Hear a live message of the other marketplace, under the same name"),
            "live.ticket": _("Listen to a booking of the other marketplace with its link"),
        },
    ),
    Family(
        "access",
        _("Sign-ins, links and keys"),
        {
            "access.session": _("Enter with the session of somebody of the other marketplace"),
            "access.session_copied": _("Enter with a session that was copied from the other marketplace's table"),
            "access.key": _("Ask the interface for programs with a key of the other marketplace"),
            "access.key_copied": _("Ask it with a key whose entry was copied from the other marketplace's table"),
            "access.booking": _("Open a booking with a link of the other marketplace"),
            "access.invitation": _("Join the team with an invitation of the other marketplace"),
            "access.password": _("Choose a password with a link of the other marketplace"),
            "access.signature": _("Present something that was signed in the other marketplace"),
        },
    ),
    Family(
        "search",
        _("Search and public pages"),
        {
            "search.services": _("Find a service of the other marketplace by the search"),
            "search.providers": _("Find a provider of the other marketplace among those here"),
            "search.page": _("Open the page of a service of the other marketplace by its address"),
            "search.sitemap": _("Find a service of the other marketplace in the list for search engines"),
        },
    ),
)
