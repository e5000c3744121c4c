"""The profile of a provider: a person or team whose time can be booked."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from kernel.actor import Actor
from kernel.ids import new_id
from tenant_apps.providers.types import SHOWN, SLUG_LENGTH, ProviderStatus
from tenants.stamp import ScopedModel

VIEW_ALL: Final = "providers.view_all"
EDIT_ALL: Final = "providers.edit"


def own_condition(actor: Actor, column: str) -> models.Q:
    """Rows of the actor's own person. An operator's user_id is a row of another table: the same number, somebody else."""
    return models.Q(**{column: actor.user_id}) if actor.kind == "user" else models.Q(pk__in=[])


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Providers of the current tenant."""

    def visible_to(self, actor: Actor) -> Self:
        """Those the actor may know of: the public ones, one's own, and all for who manages them."""
        if actor.can(VIEW_ALL):
            return self
        return self.filter(models.Q(status__in=SHOWN) | own_condition(actor, "user_id"))

    def editable_by(self, actor: Actor) -> Self:
        """Those the actor may work on in the backoffice: one's own, and all for who manages them."""
        return self if actor.can(EDIT_ALL) else self.filter(own_condition(actor, "user_id"))

    def matching(self, word: str) -> Self:
        """Those whose name, headline or place contains `word`, whatever the case and the accents."""
        return self.filter(
            models.Q(display_name__unaccent__icontains=word)
            | models.Q(headline__unaccent__icontains=word)
            | models.Q(location__unaccent__icontains=word)
        )

    def listed(self) -> Self:
        """Those that the marketplace shows in its lists."""
        return self.filter(status=ProviderStatus.LIVE)


class Provider(ScopedModel):
    """`time_zone` is the zone of the provider's working hours (IANA name).

    `logo` and `header_image` are keys of pictures (types.Picture), empty when there is none.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="provider"
    )
    slug = models.SlugField(max_length=SLUG_LENGTH, unique=True)
    display_name = models.CharField(max_length=80)
    headline = models.CharField(max_length=120, blank=True)
    bio = models.TextField(max_length=4000, blank=True, validators=[MaxLengthValidator(4000)])
    location = models.CharField(max_length=120, blank=True)
    tags = models.JSONField(default=list, blank=True)
    time_zone = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=ProviderStatus, default=ProviderStatus.DRAFT)
    logo = models.CharField(max_length=200, blank=True)
    header_image = models.CharField(max_length=200, blank=True)
    # What the files of a picture weigh in all sizes: together, what the organization stores (plan: storage_megabytes).
    logo_bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    header_image_bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    # Features of the drawn portrait that stands in until a photo is there (themes.engine.art).
    art = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Provider]] = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
