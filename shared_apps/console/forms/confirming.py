"""Acts that are meant: a name is typed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from webui.forms import StoaForm

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ConfirmForm(StoaForm):
    """An act that is meant: the organization's address, typed, and why."""

    confirmed_name = forms.CharField(label=_("Its address, to confirm"), max_length=40, widget=forms.TextInput(_PLAIN))
    reason = forms.CharField(
        label=_("Why"), max_length=500, required=False, help_text=_("Stands in the audit trail."), widget=forms.TextInput
    )


class SuspendForm(ConfirmForm):
    """The same, and what its owners are told, in a letter and where they sign in."""

    words_for_owners = forms.CharField(
        label=_("What its owners are told"),
        max_length=500,
        required=False,
        help_text=_("Word for word, in the letter that they get and where they sign in. Say what is needed to come back."),
        widget=forms.Textarea({"rows": 3}),
    )
