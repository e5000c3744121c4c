"""Who runs the platform."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from shared_apps.operators.types import OperatorRole
from shared_apps.rest.models import ApiKeyFields
from tenants.stamp import ScopedModel


class Operator(ScopedModel):
    """Makes a person of the platform's own scope an operator; a marketplace's people can never be one."""

    # The database cascades: Django would look for operators in a marketplace's schema when one of its people is deleted.
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.DB_CASCADE, related_name="operator")
    role = models.CharField(max_length=16, choices=OperatorRole, default=OperatorRole.ADMIN)
    created_at = models.DateTimeField(default=timezone.now)


class OperatorKey(ApiKeyFields):
    """A program that acts as an operator, within the operator's role and the key's scopes."""

    operator = models.ForeignKey(Operator, on_delete=models.DB_CASCADE, related_name="keys")
