"""What belongs to the marketplace: invitations, categories, its name and colour."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from webui.forms import ColorField, StoaForm

# Symbols of webui's sprite that stand for trades.
CATEGORY_ICONS: Final = (
    "sparkles",
    "droplets",
    "house",
    "key-round",
    "app-window",
    "shirt",
    "washing-machine",
    "wrench",
    "hammer",
    "paintbrush",
    "leaf",
    "sprout",
    "truck",
    "package-open",
    "dog",
    "car",
    "utensils",
    "scissors",
    "heart-pulse",
    "dumbbell",
    "stethoscope",
    "graduation-cap",
    "book-open",
    "calculator",
    "sigma",
    "flask-conical",
    "code-xml",
    "languages",
    "pen-line",
    "music",
    "brain",
    "lightbulb",
    "briefcase",
    "megaphone",
    "pen-tool",
    "palette",
    "layout-template",
    "film",
    "camera",
    "type",
    "compass",
    "target",
)


class InviteProviderForm(StoaForm):
    """Whom to invite."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)


class CategoryForm(StoaForm):
    """What a shelf is called."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(label=_("In one sentence"), max_length=300, required=False)
    icon = forms.ChoiceField(
        label=_("Symbol"), choices=[(name, name.replace("-", " ").capitalize()) for name in CATEGORY_ICONS], initial="sparkles"
    )


class IdentityForm(StoaForm):
    """The marketplace's name, what it says of itself, and its colour."""

    name = forms.CharField(label=_("Name"), max_length=80)
    headline = forms.CharField(
        label=_("Headline"), max_length=80, required=False, help_text=_("The large words on the front page.")
    )
    tagline = forms.CharField(
        label=_("What you offer, in one line"),
        max_length=160,
        required=False,
        help_text=_("Search engines and shared links show it."),
    )
    action = forms.CharField(label=_("Words on the main button"), max_length=30, required=False)
    brand = ColorField(label=_("Brand colour"), help_text=_("Any colour: we make it readable."))


class ReasonForm(StoaForm):
    """Why a request is declined or a booking called off; goes to the customer."""

    reason = forms.CharField(label=_("Reason"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}))
