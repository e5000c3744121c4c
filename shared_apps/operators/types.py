"""Words of this app that others may use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class OperatorRole(models.TextChoices):
    """What an operator is there for (see rules.CAPABILITIES)."""

    ADMIN = "admin", _("Administrator")
    SUPPORT = "support", _("Support")
    AUDITOR = "auditor", _("Auditor")


# What the scopes of a key allow, if its operator's role does too.
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "tenants:read": frozenset({"tenants.view"}),
    "tenants:write": frozenset({"tenants.view", "tenants.create", "runs.view"}),
    "domains:read": frozenset({"tenants.view"}),
    "domains:write": frozenset({"tenants.view", "domains.edit"}),
    "runs:read": frozenset({"runs.view"}),
    "runs:write": frozenset({"runs.view", "runs.retry", "runs.undo"}),
}
