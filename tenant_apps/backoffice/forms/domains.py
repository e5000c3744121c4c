"""A domain's name, typed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from webui.forms import StoaForm


class DomainForm(StoaForm):
    """The name alone; what may be wrong with it, the service says."""

    host = forms.CharField(
        label=_("Domain"),
        max_length=253,
        help_text=_("A name that you own, like book.your-company.com."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
