"""The words of archives, and how long they and the links to them last."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

ARCHIVE_PREFIX: Final = "arc"
# The folder of archives below the tenant's own files; what lies there never goes into an archive.
FOLDER: Final = "archives"
# Everything about everybody in one file: it is there to be fetched, not to be kept by us.
KEPT_FOR: Final = timedelta(days=7)
SNAPSHOT_KEPT_FOR: Final = timedelta(days=14)
# Each is as large as the organization.
MOST_KEPT: Final = 3
LINK_LIFE: Final = timedelta(hours=24)


class ArchiveState(models.TextChoices):
    """Where an archive stands between the wish and its end."""

    WAITING = "waiting", _("Waiting")
    WRITING = "writing", _("Being written")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    DELETED = "deleted", _("Deleted")


UNDER_WAY: Final = (ArchiveState.WAITING, ArchiveState.WRITING)
