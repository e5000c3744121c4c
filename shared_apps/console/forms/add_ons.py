"""How many of each add-on an organization has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shared_apps.plans.models import Plan
from webui.forms import StoaForm

_MOST = 10_000


class AddOnsForm(StoaForm):
    """A number for each add-on; 0 is none, and an empty one stays as it is."""

    reason = forms.CharField(label=_("Why"), max_length=500, required=False, help_text=_("Stands in the audit trail."))

    def __init__(
        self, *args: Any, add_ons: Sequence[Plan] = (), held: Mapping[str, int] | None = None, **kwargs: Any
    ) -> None:  # Any: Django's own
        super().__init__(*args, **kwargs)
        self._held = dict(held or {})
        numbers = {
            f"number_{add_on.code}": forms.IntegerField(
                label=add_on.name,
                help_text=add_on.tagline,
                required=False,
                min_value=0,
                max_value=_MOST,
                initial=self._held.get(add_on.code, 0),
            )
            for add_on in add_ons
        }
        self.fields = numbers | self.fields

    @property
    def changed(self) -> dict[str, int]:
        """The numbers that are others than before, by the add-on's code."""
        given = {
            name.removeprefix("number_"): int(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("number_") and value is not None
        }
        return {code: number for code, number in given.items() if number != self._held.get(code, 0)}
