"""A key by which a program acts; the table stands in the scope whose key it is."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from kernel.ids import format_public_id, new_id
from shared_apps.rest.types import KEY_PREFIX
from tenants.stamp import ScopedModel


class ApiKeyFields(ScopedModel):
    """`secret_hash` is keyed with the scope's own key: the same text is another hash elsewhere. `hint` is the text's end."""

    public_id = models.UUIDField(default=new_id, editable=False)
    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=40))
    secret_hash = models.CharField(max_length=64)
    hint = models.CharField(max_length=4)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["secret_hash"], name="%(app_label)s_%(class)s_secret")]

    @property
    def reference(self) -> str:
        """The id that leaves the platform: `key_01k9…`. No secret."""
        return format_public_id(KEY_PREFIX, self.public_id)
