"""Words of this app that others may use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.vocabulary import lazy_title


class Role(models.TextChoices):
    """A named set of capabilities (see rules.CAPABILITIES)."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    PROVIDER = "provider", lazy_title("provider")
    CUSTOMER = "customer", _("Customer")
