"""What of a sandbox is to be brought over."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from provisioning.sandboxes.promoting.words import PART_NAMES
from webui.forms import StoaForm


class PromotionForm(StoaForm):
    """The parts, the seal of what was shown, and the marketplace's name."""

    parts = forms.MultipleChoiceField(
        choices=[(part, name) for part, name in PART_NAMES.items()],
        error_messages={"required": _("Choose at least one part.")},
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    confirm_name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}))
