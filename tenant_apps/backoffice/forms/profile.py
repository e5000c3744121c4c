"""A provider's profile, pictures included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.actor import Actor
from tenant_apps.providers.services import check_complete, check_slug_is_free, check_tags, render_picture
from tenant_apps.providers.types import (
    PICTURE_TYPES,
    SLUG_LENGTH,
    Picture,
    PictureKind,
    ProviderProfile,
    RenderedPicture,
)
from webui.forms import ImageInput, SlugInput, StoaForm
from webui.places import ZoneField, zone_field

_TYPES = ",".join(PICTURE_TYPES)
# More than any picture may have; so much is read that the service can say “too heavy”, and no more.
_MOST_BYTES: Final = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Shown:
    """A stored picture in the shape that Django's file widget knows."""

    url: str


class ProfileForm(StoaForm):
    """Everything on one page; pictures left alone stay as they are. What `is_shown` must be complete."""

    label_notes: ClassVar[Mapping[str, str | Promise]] = {"headline": _("(needed to publish)")}

    display_name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.CharField(
        label=_("Address of the page"),
        max_length=SLUG_LENGTH,
        widget=SlugInput({"maxlength": SLUG_LENGTH}),
        help_text=_("Printed codes and short links keep working when you change it."),
    )
    headline = forms.CharField(label=_("Headline"), max_length=120, required=False, help_text=_("What you do, in one line."))
    bio = forms.CharField(label=_("About"), max_length=4000, required=False, widget=forms.Textarea({"rows": 7}))
    location = forms.CharField(label=_("Place"), max_length=120, required=False)
    tags = forms.CharField(
        label=_("Tags"), max_length=400, required=False, help_text=_("Up to eight, with commas between them.")
    )
    time_zone = zone_field()
    logo = forms.FileField(
        label=_("Picture or logo"),
        required=False,
        widget=ImageInput({"accept": _TYPES}),
        help_text=_("PNG, JPEG or WebP, up to 5 MB. A drawn portrait stands in until there is one."),
    )
    header_image = forms.FileField(
        label=_("Header image"),
        required=False,
        widget=ImageInput({"accept": _TYPES}),
        help_text=_("Wide, three times as broad as high, at best 1536 × 512 pixels."),
    )

    def __init__(
        self,
        *args: Any,  # Any: passed to Django
        actor: Actor,
        profile: ProviderProfile,
        host: str,
        is_shown: bool = False,
        **kwargs: Any,  # Any: as above
    ) -> None:
        super().__init__(*args, initial=_initial(profile), **kwargs)
        self._actor, self._profile, self._is_shown = actor, profile, is_shown
        # What was uploaded, made anew; None for what was taken away. A picture that was left alone is not in it.
        self.pictures: dict[PictureKind, RenderedPicture | None] = {}
        zone = self.fields["time_zone"]
        assert isinstance(zone, ZoneField)  # declared above
        zone.help_text = _("Your working hours are on this clock.")
        zone.keep(profile.time_zone)
        slug = self.fields["slug"].widget
        assert isinstance(slug, SlugInput)  # declared above
        slug.prefix = f"{host}/providers/"

    def clean_slug(self) -> str:
        """Addresses have small letters only."""
        return str(self.cleaned_data["slug"]).lower()

    def clean_tags(self) -> list[str]:
        """The words between the commas."""
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]

    def clean(self) -> dict[str, Any]:  # Any: as Django's own
        """An address that is free, pictures that are some, and what visitors need of a page that they see."""
        cleaned = super().clean() or self.cleaned_data
        if "slug" in cleaned:
            with self.telling():
                check_slug_is_free(cleaned["slug"], provider_id=self._profile.id)
        if "tags" in cleaned:
            with self.telling():
                check_tags(cleaned["tags"])
        if self._is_shown:
            with self.telling():
                check_complete(display_name=cleaned.get("display_name", "-"), headline=cleaned.get("headline", "-"))
        for kind in PictureKind:
            self._take(kind, cleaned.get(kind.column))
        return cleaned

    def _take(self, kind: PictureKind, sent: object) -> None:
        if sent is False:
            self.pictures[kind] = None
        elif isinstance(sent, UploadedFile):
            with self.telling():
                self.pictures[kind] = render_picture(
                    sent.read(_MOST_BYTES), kind, actor=self._actor, provider_id=self._profile.id
                )


def _initial(profile: ProviderProfile) -> dict[str, object]:
    return {
        "display_name": profile.name,
        "slug": profile.slug,
        "headline": profile.headline,
        "bio": profile.bio,
        "location": profile.location,
        "tags": ", ".join(profile.tags),
        "time_zone": profile.time_zone,
        "logo": _shown(profile.logo),
        "header_image": _shown(profile.header),
    }


def _shown(picture: Picture | None) -> _Shown | None:
    return _Shown(picture.thumbnail) if picture else None
