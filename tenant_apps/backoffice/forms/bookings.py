"""What is said when a booking is declined or called off."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from webui.forms import StoaForm

LONGEST_REASON = 500


class ReasonForm(StoaForm):
    """A few words for the customer; may be empty."""

    reason = forms.CharField(
        label=_("What should we tell the customer?"),
        help_text=_("It goes into the mail as you write it."),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )


class DecisionForm(StoaForm):
    """What the page showed when the button was pressed (the booking's sequence)."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
