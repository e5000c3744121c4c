"""Asking for an archive."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from webui.forms import StoaForm


class ArchiveForm(StoaForm):
    """Whether the owner knows what they will hold in their hands."""

    is_understood = forms.BooleanField(
        label=_("I will keep the file safe: it holds everything about our customers and our team."),
    )
