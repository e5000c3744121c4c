"""What an owner chooses of plans and add-ons, and why somebody goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from shared_apps.plans.types import Interval
from webui.forms import Card, RadioCards, Segmented, StoaForm

_NUMBER: Final = "number_"
_MOST: Final = 500


class ChoosePlanForm(StoaForm):
    """A plan, for how long it is paid, and so many of each add-on; sent by GET, since it changes nothing, and to Checkout."""

    plan = forms.ChoiceField(label=_("Plan"), widget=RadioCards)
    interval = forms.ChoiceField(
        label=_("Paid"), choices=[(Interval.MONTH, _("Monthly")), (Interval.YEAR, _("Yearly"))], widget=Segmented
    )

    def __init__(
        self,
        *args: Any,
        cards: Sequence[tuple[str, Card]] = (),
        add_ons: Sequence[tuple[str, str, str]] = (),
        held: Mapping[str, int] | None = None,
        **kwargs: Any,
    ) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        field = self.fields["plan"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(cards)
        self.fields |= {
            f"{_NUMBER}{code}": forms.IntegerField(
                label=name, help_text=hint, required=False, min_value=0, max_value=_MOST,
                initial=(held or {}).get(code, 0),
            )
            for code, name, hint in add_ons
        }  # fmt: skip

    @property
    def numbers(self) -> list[forms.BoundField]:
        """The fields of the add-ons."""
        return [field for field in self if field.name.startswith(_NUMBER)]

    @property
    def add_ons(self) -> dict[str, int]:
        """How many of each add-on, by its code; those of which there are none are left out."""
        given = {name.removeprefix(_NUMBER): value for name, value in self.cleaned_data.items() if name.startswith(_NUMBER)}
        return {code: int(number) for code, number in given.items() if number}


class ConfirmChangeForm(StoaForm):
    """The look that is confirmed: signed, so that nobody pays by another instant than was shown."""

    look = forms.CharField(widget=forms.HiddenInput)


class CancelForm(StoaForm):
    """Why somebody goes. `revision` is the look at the subscription that it is about."""

    reason = forms.ChoiceField(label=_("What made you decide?"), required=False, widget=RadioCards)
    words = forms.CharField(
        label=_("Anything you want to tell us"), max_length=400, required=False, widget=forms.Textarea({"rows": 3})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, reasons: Collection[tuple[str, Any]] = (), **kwargs: Any) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(reasons)

    @property
    def sentence(self) -> str:
        """The reason and the words, as they are kept."""
        return ": ".join(part for part in (self.cleaned_data["reason"], self.cleaned_data["words"]) if part)


class RevisionForm(StoaForm):
    """An act that belongs to a look at the subscription."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
