"""A provider's profile and pictures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_apps.providers.selectors import time_zones
from tenant_apps.providers.types import ProviderProfile
from webui.forms import AffixInput, ImageInput, StoaForm


class ProfileForm(StoaForm):
    """What a profile says. Lengths are checked again by the service, which owns them."""

    display_name = forms.CharField(label=_("Name"), max_length=80)
    headline = forms.CharField(
        label=_("What you do, in one line"),
        max_length=120,
        required=False,
        help_text=_("Stands below your name everywhere."),
    )
    bio = forms.CharField(
        label=_("About you"),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("Two paragraphs do."),
    )
    location = forms.CharField(label=_("Where"), max_length=120, required=False, help_text=_("A district, a campus, “online”."))
    tags = forms.CharField(
        label=_("Good to know"),
        max_length=400,
        required=False,
        help_text=_("Up to eight short words, with commas between them."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone of your hours"))
    slug = forms.CharField(label=_("Address of your page"), max_length=60)

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:  # Any: passed through to Django
        super().__init__(*args, **kwargs)
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = [(name, name.replace("_", " ").replace("/", " / ")) for name in time_zones()]
        plain = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        self.fields["slug"].widget = AffixInput(plain, prefix=address)

    def clean_tags(self) -> list[str]:
        """The words between the commas."""
        return str(self.cleaned_data["tags"]).split(",")


def profile_values(profile: ProviderProfile) -> dict[str, str]:
    """What a form shows of a profile before anybody types."""
    return {
        "display_name": profile.name,
        "headline": profile.headline,
        "bio": profile.bio,
        "location": profile.location,
        "tags": ", ".join(profile.tags),
        "time_zone": profile.time_zone,
        "slug": profile.slug,
    }


class _PictureForm(StoaForm):
    """One upload. What is in it is for the service to judge; the field only carries it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: as above
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["accept"] = "image/jpeg,image/png,image/webp"


class LogoForm(_PictureForm):
    """The picture beside a name."""

    logo = forms.FileField(
        label=_("Photo or logo"), allow_empty_file=True, widget=ImageInput, help_text=_("PNG, JPEG or WebP, up to 5 MB.")
    )


class HeaderForm(_PictureForm):
    """The picture across the top of a page."""

    header_image = forms.FileField(
        label=_("Header image"),
        allow_empty_file=True,
        widget=ImageInput,
        help_text=_("Wide: it is cut to three times its height. PNG, JPEG or WebP, up to 5 MB."),
    )
