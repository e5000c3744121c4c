"""Words of this app that others may use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OperatorRole(models.TextChoices):
    """What an operator is there for (see rules.CAPABILITIES)."""

    ADMIN = "admin", _("Administrator")
    SUPPORT = "support", _("Support")
    AUDITOR = "auditor", _("Auditor")
