"""Acts that are meant: a name is typed."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from webui.forms import StoaForm

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class ConfirmForm(StoaForm):
    """An act that is meant: the organization's address, typed, and why; `asked` names what else the act has to know."""

    asked: ClassVar[tuple[str, ...]] = ()

    confirmed_name = forms.CharField(label=_("Its address, to confirm"), max_length=40, widget=forms.TextInput(_PLAIN))
    reason = forms.CharField(
        label=_("Why"), max_length=500, required=False, help_text=_("Stands in the audit trail."), widget=forms.TextInput
    )

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields of what else is asked, before the name."""
        return [self[name] for name in self.asked]


class ReasonedForm(ConfirmForm):
    """An act about money: nobody does it without saying why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class GiveMonthsForm(ReasonedForm):
    """For how long nothing is charged."""

    asked = ("months",)
    months = forms.IntegerField(label=_("Months"), min_value=1, max_value=24, initial=1)


class GiveCreditForm(ReasonedForm):
    """How much the next invoices are lowered by."""

    asked = ("amount",)
    amount = forms.CharField(label=_("Amount"), max_length=20, widget=forms.TextInput({"inputmode": "decimal"}))


class SuspendForm(ConfirmForm):
    """The same, and what its owners are told, in a letter and where they sign in."""

    words_for_owners = forms.CharField(
        label=_("What its owners are told"),
        max_length=500,
        required=False,
        help_text=_("Word for word, in the letter that they get and where they sign in. Say what is needed to come back."),
        widget=forms.Textarea({"rows": 3}),
    )
