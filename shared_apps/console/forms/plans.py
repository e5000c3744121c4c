"""Making, describing and publishing plans, and moving organizations to another version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shared_apps.plans.types import PlanKind
from webui.forms import Segmented, StoaForm

_PLAIN: Final = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
# Words of addresses below /console/plans/.
_TAKEN: Final = frozenset({"new", "sync"})


class DescribeForm(StoaForm):
    """What a plan is called, and where it stands among the others."""

    name = forms.CharField(label=_("Name"), max_length=60)
    tagline = forms.CharField(label=_("A line about it"), max_length=160, required=False)
    position = forms.IntegerField(
        label=_("Place"), min_value=0, max_value=1000, help_text=_("The smallest plan has the lowest number.")
    )


class NewPlanForm(StoaForm):
    """A plan or an add-on that is to come."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=PlanKind.choices, initial=PlanKind.PLAN, widget=Segmented)
    name = forms.CharField(label=_("Name"), max_length=60)
    code = forms.SlugField(
        label=_("Code"), max_length=32, widget=forms.TextInput(_PLAIN), help_text=_("Stands in addresses and never changes.")
    )
    tagline = forms.CharField(label=_("A line about it"), max_length=160, required=False)

    def clean_code(self) -> str:
        """A code that an address of the console does not use already."""
        code = str(self.cleaned_data["code"]).lower()
        if code in _TAKEN:
            raise forms.ValidationError(_("Choose another code."))
        return code


class PublishForm(StoaForm):
    """Which draft was looked at, and why it is published."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why"), max_length=500, required=False, help_text=_("Stands in the audit trail."))


class MoveForm(StoaForm):
    """Which organizations are to be moved."""

    tenants = forms.MultipleChoiceField(
        label=_("Organizations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of them is not on another version (any more).")},
    )
    everybody = forms.BooleanField(label=_("All of them, also those that are not on this page"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=500, required=False, help_text=_("Stands in the audit trail."))

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self.fields["tenants"].choices = choices  # type: ignore[attr-defined]  # a field of choices has them

    def clean(self) -> dict[str, Any]:  # Any: Django's own shape
        """Somebody must be chosen."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("everybody") and not cleaned.get("tenants"):
            self.add_error("tenants", _("Choose whom to move."))
        return cleaned
