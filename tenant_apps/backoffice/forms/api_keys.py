"""A new key for a program."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_apps.api.types import SCOPE_LABELS
from webui.forms import StoaForm


class ApiKeyForm(StoaForm):
    """What the key is for, and what it may do: no more than that."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Which program uses it, so that you know it again."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=list(SCOPE_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
